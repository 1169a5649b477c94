using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Microsoft.ML.DrSeg.Tests.Architecture;

/// <summary>
/// Reads from a compiled assembly which types each of its types mentions: in its bases, constraints, members,
/// attributes, and in the locals and instructions of its methods.
/// </summary>
internal sealed class AssemblyMentions
{
    private static readonly Dictionary<short, OperandType> Operands = typeof(OpCodes).GetFields()
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value, code => code.OperandType);

    private readonly PEReader _file;
    private readonly MetadataReader _reader;

    private AssemblyMentions(PEReader file)
    {
        _file = file;
        _reader = file.GetMetadataReader();
    }

    /// <param name="path">The assembly.</param>
    /// <param name="below">What the namespaces of the types begin with that are read.</param>
    public static IReadOnlyDictionary<TypeName, HashSet<TypeName>> Read(string path, string below = "")
    {
        using var file = new PEReader(File.OpenRead(path));
        return new AssemblyMentions(file).Read(below);
    }

    private Dictionary<TypeName, HashSet<TypeName>> Read(string below)
    {
        var mentions = new Dictionary<TypeName, HashSet<TypeName>>();
        foreach (TypeDefinitionHandle handle in _reader.TypeDefinitions)
        {
            var types = new MentionedTypes(_reader);
            TypeName name = types.NameOf(handle);
            if (!name.Namespace.StartsWith(below, StringComparison.Ordinal))
                continue;
            AddType(types, handle);
            if (!mentions.TryAdd(name, types.Found))
                mentions[name].UnionWith(types.Found);
        }
        return mentions;
    }

    private void AddType(MentionedTypes types, TypeDefinitionHandle handle)
    {
        TypeDefinition type = _reader.GetTypeDefinition(handle);
        types.Add(type.BaseType);
        AddAttributes(types, type.GetCustomAttributes());
        AddConstraints(types, type.GetGenericParameters());
        foreach (InterfaceImplementation implemented in type.GetInterfaceImplementations().Select(_reader.GetInterfaceImplementation))
            types.Add(implemented.Interface);
        foreach (FieldDefinition field in type.GetFields().Select(_reader.GetFieldDefinition))
        {
            field.DecodeSignature(types, null);
            AddAttributes(types, field.GetCustomAttributes());
        }
        foreach (PropertyDefinition property in type.GetProperties().Select(_reader.GetPropertyDefinition))
        {
            property.DecodeSignature(types, null);
            AddAttributes(types, property.GetCustomAttributes());
        }
        foreach (EventDefinition happening in type.GetEvents().Select(_reader.GetEventDefinition))
        {
            types.Add(happening.Type);
            AddAttributes(types, happening.GetCustomAttributes());
        }
        foreach (MethodDefinition method in type.GetMethods().Select(_reader.GetMethodDefinition))
            AddMethod(types, method);
    }

    private void AddMethod(MentionedTypes types, MethodDefinition method)
    {
        method.DecodeSignature(types, null);
        AddAttributes(types, method.GetCustomAttributes());
        AddConstraints(types, method.GetGenericParameters());
        foreach (Parameter parameter in method.GetParameters().Select(_reader.GetParameter))
            AddAttributes(types, parameter.GetCustomAttributes());
        if (method.RelativeVirtualAddress == 0)
            return;
        MethodBodyBlock body = _file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
            _reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(types, null);
        foreach (ExceptionRegion region in body.ExceptionRegions)
            types.Add(region.CatchType);
        AddInstructions(types, body.GetILReader());
    }

    private void AddInstructions(MentionedTypes types, BlobReader code)
    {
        const byte TwoBytes = 0xfe;
        while (code.RemainingBytes > 0)
        {
            byte first = code.ReadByte();
            OperandType operand = Operands[first == TwoBytes ? (short)(first << 8 | code.ReadByte()) : first];
            switch (operand)
            {
                case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType or OperandType.InlineSig:
                    AddEntity(types, MetadataTokens.EntityHandle(code.ReadInt32()));
                    break;
                case OperandType.InlineSwitch:
                    int targets = code.ReadInt32();
                    code.Offset += targets * sizeof(int);
                    break;
                default:
                    code.Offset += operand switch
                    {
                        OperandType.InlineNone => 0,
                        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                        OperandType.InlineVar => 2,
                        OperandType.InlineI8 or OperandType.InlineR => 8,
                        _ => 4,
                    };
                    break;
            }
        }
    }

    /// <summary>What an instruction names: a type, or a member, whose type and signature count.</summary>
    private void AddEntity(MentionedTypes types, EntityHandle handle)
    {
        switch (handle.Kind)
        {
            case HandleKind.MethodDefinition:
                MethodDefinition method = _reader.GetMethodDefinition((MethodDefinitionHandle)handle);
                types.Add(method.GetDeclaringType());
                method.DecodeSignature(types, null);
                break;
            case HandleKind.FieldDefinition:
                FieldDefinition field = _reader.GetFieldDefinition((FieldDefinitionHandle)handle);
                types.Add(field.GetDeclaringType());
                field.DecodeSignature(types, null);
                break;
            case HandleKind.MemberReference:
                MemberReference member = _reader.GetMemberReference((MemberReferenceHandle)handle);
                AddEntity(types, member.Parent);
                if (member.GetKind() == MemberReferenceKind.Method)
                    member.DecodeMethodSignature(types, null);
                else
                    member.DecodeFieldSignature(types, null);
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification specific = _reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                specific.DecodeSignature(types, null);
                AddEntity(types, specific.Method);
                break;
            case HandleKind.StandaloneSignature:
                _reader.GetStandaloneSignature((StandaloneSignatureHandle)handle).DecodeMethodSignature(types, null);
                break;
            default:
                types.Add(handle);
                break;
        }
    }

    private void AddAttributes(MentionedTypes types, CustomAttributeHandleCollection attributes)
    {
        foreach (CustomAttribute attribute in attributes.Select(_reader.GetCustomAttribute))
        {
            AddEntity(types, attribute.Constructor);
            attribute.DecodeValue(types);
        }
    }

    private void AddConstraints(MentionedTypes types, GenericParameterHandleCollection parameters)
    {
        foreach (GenericParameter parameter in parameters.Select(_reader.GetGenericParameter))
            foreach (GenericParameterConstraintHandle constraint in parameter.GetConstraints())
                types.Add(_reader.GetGenericParameterConstraint(constraint).Type);
    }
}
