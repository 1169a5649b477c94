using System.Linq.Expressions;
using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Fast access to the members of a row class, compiled once per cursor.</summary>
internal static class MemberAccess
{
    public static Func<TRow, TMember> Reader<TRow, TMember>(MemberInfo member)
    {
        ParameterExpression row = Expression.Parameter(typeof(TRow));
        return Expression.Lambda<Func<TRow, TMember>>(Expression.MakeMemberAccess(row, member), row).Compile();
    }

    public static Action<TRow, TMember> Writer<TRow, TMember>(MemberInfo member)
    {
        ParameterExpression row = Expression.Parameter(typeof(TRow)), value = Expression.Parameter(typeof(TMember));
        return Expression.Lambda<Action<TRow, TMember>>(Expression.Assign(Expression.MakeMemberAccess(row, member), value), row, value).Compile();
    }

    /// <summary>Calls a private generic method of a class with type arguments known only now.</summary>
    public static object Call(Type declaring, string method, Type[] typeArguments, params object[] arguments)
    {
        MethodInfo definition = declaring.GetMethod(method, BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public);
        return definition.MakeGenericMethod(typeArguments).Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }
}
