using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public partial class Module
        {
            /// <summary>All parameters, then all persistent buffers, by dotted name. The tensors are the module's own, not copies.</summary>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor> destination = null, string prefix = null)
            {
                destination ??= [];
                var lead = string.IsNullOrEmpty(prefix) ? "" : prefix + ".";
                foreach (var (name, parameter) in named_parameters()) destination.TryAdd(lead + name, parameter);
                foreach (var (name, buffer) in named_buffers(true, false)) destination.TryAdd(lead + name, buffer);
                return destination;
            }

            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(
                Dictionary<string, Tensor> source, bool strict = true, IList<string> skip = null)
            {
                var own = state_dict();
                var missing = own.Keys.Where(key => !source.ContainsKey(key) && skip?.Contains(key) != true).ToList();
                var unexpected = source.Keys.Where(key => !own.ContainsKey(key) && skip?.Contains(key) != true).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                    throw new InvalidOperationException(
                        $"The state to load does not match the module: missing [{string.Join(", ", missing)}], unexpected [{string.Join(", ", unexpected)}]. " +
                        "Load it into the module it was taken from, or pass strict: false.");

                using var noGradient = no_grad();
                foreach (var (key, target) in own)
                {
                    if (!source.TryGetValue(key, out var value) || skip?.Contains(key) == true) continue;
                    if (!value.shape.AsSpan().SequenceEqual(target.shape))
                        throw new ArgumentException($"'{key}' has shape [{string.Join(",", value.shape)}], but the module wants [{string.Join(",", target.shape)}].", nameof(source));
                    target.copy_(value);
                }
                return (missing, unexpected);
            }

            public Module save(string location, IList<string> skip = null)
            {
                using var stream = File.Create(location);
                return save(stream, skip);
            }

            public Module save(Stream stream, IList<string> skip = null)
            {
                using var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true);
                return save(writer, skip);
            }

            public Module save(BinaryWriter writer, IList<string> skip = null)
            {
                var entries = state_dict().Where(entry => skip?.Contains(entry.Key) != true).ToList();
                writer.Write7BitEncodedInt64(entries.Count);
                foreach (var (key, tensor) in entries)
                {
                    writer.Write(key);
                    TensorStream.Write(writer, tensor);
                }
                return this;
            }

            public virtual Module load(string location, bool strict = true, IList<string> skip = null, Dictionary<string, bool> loadedParameters = null)
            {
                if (!File.Exists(location)) throw new FileNotFoundException($"There is no file '{location}' to load the module from.", location);
                using var stream = File.OpenRead(location);
                return load(stream, strict, skip, loadedParameters);
            }

            public Module load(Stream stream, bool strict = true, IList<string> skip = null, Dictionary<string, bool> loadedParameters = null)
            {
                using var reader = new BinaryReader(stream, System.Text.Encoding.UTF8, leaveOpen: true);
                return load(reader, strict, skip, loadedParameters);
            }

            /// <summary>
            /// Overwrites parameters and buffers with the stream's. A name or count that does not fit is an error when
            /// <paramref name="strict"/>; a shape or element type that does not fit always is.
            /// </summary>
            public virtual Module load(BinaryReader reader, bool strict = true, IList<string> skip = null, Dictionary<string, bool> loadedParameters = null)
            {
                var own = state_dict();
                foreach (var key in own.Keys) loadedParameters?.TryAdd(key, false);
                var expected = own.Keys.Count(key => skip?.Contains(key) != true);
                var count = reader.Read7BitEncodedInt64();
                if (strict && count != own.Count && count != expected)
                    throw new ArgumentException($"The stream holds {count} tensors, the module {own.Count}. Load it into the module it was saved from, or pass strict: false.", nameof(reader));

                for (long i = 0; i < count; i++)
                {
                    var key = reader.ReadString();
                    var known = own.TryGetValue(key, out var tensor);
                    if (strict && !known)
                        throw new ArgumentException($"The module has no parameter or buffer '{key}'. Load the stream into the module it was saved from, or pass strict: false.", nameof(reader));
                    if (!known || skip?.Contains(key) == true)
                    {
                        TensorStream.Skip(reader);
                        continue;
                    }
                    TensorStream.ReadInto(reader, tensor, key);
                    if (loadedParameters is not null) loadedParameters[key] = true;
                }
                return this;
            }
        }
    }
}
