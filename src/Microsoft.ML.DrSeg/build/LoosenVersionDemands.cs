// Compiled by MSBuild while an application is built (see Microsoft.ML.DrSeg.targets), so for .NET Standard 2.0 and without nullable annotations.
using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies a native library of Linux for a machine whose libstdc++ is older than the one it was linked with. The loader refuses a library
/// that demands a version of symbols which libstdc++ lacks, even where no relocation refers to any symbol of that version. Such a demand
/// is marked as weak (VER_FLG_WEAK, which the loader accepts); one that is really needed stays, and so does every other byte.
/// The layout of the file: the System V ABI and the Linux Standard Base, "Symbol Versioning".
/// </summary>
public sealed class LoosenVersionDemands : Task
{
    private const string Provider = "libstdc++.so.6";
    private const int Weak = 2, FileHeader = 64, SectionHeader = 64, SymbolSize = 24, RelocationSize = 24;
    private const uint SymbolTable = 11, Relocations = 4, VersionTable = 0x6fffffff, VersionDemands = 0x6ffffffe;

    private byte[] _file;

    /// <summary>The library to copy.</summary>
    [Required]
    public string Source { get; set; }

    /// <summary>Where the copy goes.</summary>
    [Required]
    public string Destination { get; set; }

    /// <summary>Folders that may hold the machine's libstdc++.so.6; the first that does is asked.</summary>
    [Required]
    public string[] LibraryFolders { get; set; }

    /// <summary>Whether there is a copy: not where the machine has every version that is demanded, or has no libstdc++ that could be found.</summary>
    [Output]
    public bool Loosened { get; private set; }

    /// <inheritdoc/>
    public override bool Execute()
    {
        string provider = LibraryFolders.Select(folder => Path.Combine(folder, Provider)).FirstOrDefault(File.Exists);
        if (provider == null)
            return true;
        _file = File.ReadAllBytes(Source);
        // Bytes to characters one to one, so that names can be searched as text.
        string provided = Encoding.GetEncoding("iso-8859-1").GetString(File.ReadAllBytes(provider));
        foreach (Demand demand in Demands().Where(demand => !provided.Contains("\0" + demand.Name + "\0")))
        {
            if (IsUsed(demand.Index))
            {
                Log.LogWarning("{0} needs {1} of {2}, and {3} lacks it: it will not load on this machine. A newer distribution has it (Debian 13, Ubuntu 24.04).", Path.GetFileName(Source), demand.Name, Provider, provider);
                return true;
            }
            _file[demand.Flags] |= Weak;
            Loosened = true;
            Log.LogMessage(MessageImportance.High, "{0} demands {1} of {2} without using it, and {3} lacks it: the application gets a copy that does not insist.", Path.GetFileName(Source), demand.Name, Provider, provider);
        }
        if (Loosened)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Destination));
            File.WriteAllBytes(Destination, _file);
        }
        return true;
    }

    private IEnumerable<Demand> Demands()
    {
        foreach (Section section in Sections().Where(section => section.Kind == VersionDemands))
        {
            Section names = Sections().ElementAt((int)section.Link);
            for (long need = section.Start, next = 1; next != 0; need += next)
            {
                next = UInt32(need + 12);
                if (Text(names.Start + UInt32(need + 4)) != Provider)
                    continue;
                long version = need + UInt32(need + 8);
                for (int left = UInt16(need + 2); left > 0; left--, version += UInt32(version + 12))
                    yield return new Demand { Name = Text(names.Start + UInt32(version + 8)), Index = UInt16(version + 6), Flags = version + 4 };
            }
        }
    }

    // Whether a relocation refers to a symbol of the version.
    private bool IsUsed(int version)
    {
        Section versions = Sections().Single(section => section.Kind == VersionTable);
        int symbols = (int)(Sections().Single(section => section.Kind == SymbolTable).Length / SymbolSize);
        var wanted = new HashSet<uint>(Enumerable.Range(0, symbols).Where(symbol => (UInt16(versions.Start + 2 * symbol) & 0x7fff) == version).Select(symbol => (uint)symbol));
        foreach (Section section in Sections().Where(section => section.Kind == Relocations))
            for (long entry = section.Start; entry < section.Start + section.Length; entry += RelocationSize)
                if (wanted.Contains(UInt32(entry + 12)))
                    return true;
        return false;
    }

    private IEnumerable<Section> Sections()
    {
        if (_file.Length < FileHeader || UInt32(0) != 0x464c457f || _file[4] != 2 || _file[5] != 1)
            throw new InvalidDataException(Source + " is no 64-bit little-endian ELF file.");
        long table = Int64(40);
        for (int i = 0; i < UInt16(60); i++)
        {
            long at = table + (long)SectionHeader * i;
            yield return new Section { Kind = UInt32(at + 4), Start = Int64(at + 24), Length = Int64(at + 32), Link = UInt32(at + 40) };
        }
    }

    private ushort UInt16(long at) => BitConverter.ToUInt16(_file, checked((int)at));

    private uint UInt32(long at) => BitConverter.ToUInt32(_file, checked((int)at));

    private long Int64(long at) => BitConverter.ToInt64(_file, checked((int)at));

    private string Text(long at)
    {
        int start = checked((int)at);
        return Encoding.ASCII.GetString(_file, start, Array.IndexOf(_file, (byte)0, start) - start);
    }

    private struct Section
    {
        public uint Kind, Link;
        public long Start, Length;
    }

    private struct Demand
    {
        public string Name;
        public int Index;
        public long Flags;
    }
}
