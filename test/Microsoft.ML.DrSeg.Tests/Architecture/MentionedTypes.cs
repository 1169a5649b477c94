using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Microsoft.ML.DrSeg.Tests.Architecture;

/// <summary>
/// Collects the types that signatures and attributes of an assembly name. What a signature is made of is of no matter
/// here, so every part of it is decoded to the type at its heart.
/// </summary>
internal sealed class MentionedTypes(MetadataReader reader) : ISignatureTypeProvider<TypeName, object?>, ICustomAttributeTypeProvider<TypeName>
{
    private static readonly TypeName Nothing = new("", "", "");
    private readonly string _assembly = reader.GetString(reader.GetAssemblyDefinition().Name);

    public HashSet<TypeName> Found { get; } = [];

    /// <summary>Definition, reference or specification of a type; nothing where the handle is nil.</summary>
    public void Add(EntityHandle type)
    {
        if (type.IsNil)
            return;
        if (type.Kind == HandleKind.TypeDefinition)
            GetTypeFromDefinition(reader, (TypeDefinitionHandle)type, 0);
        else if (type.Kind == HandleKind.TypeReference)
            GetTypeFromReference(reader, (TypeReferenceHandle)type, 0);
        else
            reader.GetTypeSpecification((TypeSpecificationHandle)type).DecodeSignature(this, null);
    }

    public TypeName NameOf(TypeDefinitionHandle handle)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        return type.GetDeclaringType() is { IsNil: false } outer ? NameOf(outer) : new(_assembly, reader.GetString(type.Namespace), reader.GetString(type.Name));
    }

    private TypeName NameOf(TypeReferenceHandle handle)
    {
        TypeReference type = reader.GetTypeReference(handle);
        return type.ResolutionScope.Kind switch
        {
            HandleKind.TypeReference => NameOf((TypeReferenceHandle)type.ResolutionScope),
            HandleKind.AssemblyReference => Name(reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name)),
            _ => Name(_assembly),
        };

        TypeName Name(string assembly) => new(assembly, reader.GetString(type.Namespace), reader.GetString(type.Name));
    }

    private TypeName Add(TypeName type)
    {
        Found.Add(type);
        return type;
    }

    public TypeName GetTypeFromDefinition(MetadataReader _, TypeDefinitionHandle handle, byte rawTypeKind) => Add(NameOf(handle));

    public TypeName GetTypeFromReference(MetadataReader _, TypeReferenceHandle handle, byte rawTypeKind) => Add(NameOf(handle));

    public TypeName GetTypeFromSpecification(MetadataReader _, object? context, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, null);

    /// <summary>A type as attributes write it: <c>Name.Space.Outer+Inner`1[[Argument, Assembly]], Assembly, Version=...</c>.</summary>
    public TypeName GetTypeFromSerializedName(string name) => Add(System.Reflection.Metadata.TypeName.Parse(name));

    private TypeName Add(System.Reflection.Metadata.TypeName type)
    {
        if (type.IsArray || type.IsByRef || type.IsPointer)
            return Add(type.GetElementType());
        if (type.IsConstructedGenericType)
        {
            foreach (System.Reflection.Metadata.TypeName argument in type.GetGenericArguments())
                Add(argument);
            return Add(type.GetGenericTypeDefinition());
        }
        if (type.IsNested)
            return Add(type.DeclaringType!);
        return Add(new TypeName(type.AssemblyName?.Name ?? _assembly, type.Namespace, type.Name));
    }

    public TypeName GetFunctionPointerType(MethodSignature<TypeName> signature) => Nothing;
    public TypeName GetGenericInstantiation(TypeName genericType, ImmutableArray<TypeName> typeArguments) => genericType;
    public TypeName GetGenericMethodParameter(object? genericContext, int index) => Nothing;
    public TypeName GetGenericTypeParameter(object? genericContext, int index) => Nothing;
    public TypeName GetModifiedType(TypeName modifier, TypeName unmodifiedType, bool isRequired) => unmodifiedType;
    public TypeName GetArrayType(TypeName elementType, ArrayShape shape) => elementType;
    public TypeName GetByReferenceType(TypeName elementType) => elementType;
    public TypeName GetPinnedType(TypeName elementType) => elementType;
    public TypeName GetPointerType(TypeName elementType) => elementType;
    public TypeName GetSZArrayType(TypeName elementType) => elementType;
    public TypeName GetPrimitiveType(PrimitiveTypeCode typeCode) => Nothing;
    public TypeName GetSystemType() => new("", nameof(System), nameof(Type));
    public bool IsSystemType(TypeName type) => type is { Namespace: nameof(System), Name: nameof(Type) };

    /// <summary>Enumerations in attributes are of this size unless they say otherwise, which none here does.</summary>
    public PrimitiveTypeCode GetUnderlyingEnumType(TypeName type) => PrimitiveTypeCode.Int32;
}
