using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>
        /// A tree of modules with named parameters and buffers at its nodes. Names join with dots from the root
        /// ("blocks.0.up.weight"): own entries first, then those of the submodules, in the order of registration.
        /// </summary>
        public partial class Module : IDisposable
        {
            private readonly string _name;
            private readonly OrderedDictionary<string, Parameter> _parameters = [];
            private readonly OrderedDictionary<string, (Tensor tensor, bool persistent)> _buffers = [];
            private readonly OrderedDictionary<string, Module> _submodules = [];
            private bool _componentsRegistered;

            protected Module(string name) => _name = name;

            public virtual string GetName() => _name;

            public virtual bool training { get; private set; } = true;

            public virtual void train(bool train = true)
            {
                training = train;
                foreach (var module in _submodules.Values) module.train(train);
            }

            public virtual void eval() => train(false);

            /// <summary>Calls <paramref name="fn"/> for every submodule, then for the module itself.</summary>
            public virtual Module apply(Action<Module> fn)
            {
                foreach (var module in _submodules.Values) module.apply(fn);
                fn(this);
                return this;
            }

            public virtual void zero_grad(bool set_to_none = true) => Gradients.Clear(parameters(), set_to_none);

            public virtual void register_parameter(string name, Parameter param)
            {
                CheckName(name, _parameters.ContainsKey(name));
                _parameters.Add(name, Keep(param));
            }

            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                CheckName(name, _buffers.ContainsKey(name));
                _buffers.Add(name, (Keep(tensor), persistent));
            }

            public virtual void register_module(string name, Module submodule)
            {
                CheckName(name, _submodules.ContainsKey(name));
                submodule.RegisterComponents();
                _submodules.Add(name, submodule);
            }

            /// <summary>Registers what the fields hold under the fields' names: modules, parameters, and plain tensors as buffers.</summary>
            protected virtual void RegisterComponents()
            {
                if (_componentsRegistered) return;
                _componentsRegistered = true;
                foreach (var field in GetType().GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
                {
                    switch (field.GetValue(this))
                    {
                        case Module module when !_submodules.ContainsKey(field.Name): register_module(field.Name, module); break;
                        case Parameter parameter when !_parameters.ContainsKey(field.Name): register_parameter(field.Name, parameter); break;
                        case Tensor tensor and not Parameter when !_buffers.ContainsKey(field.Name): register_buffer(field.Name, tensor); break;
                    }
                }
            }

            // The layers of this assembly keep their parameters here alone, so that a replaced one has one place to change.
            private protected Parameter this[string name]
            {
                get => _parameters.GetValueOrDefault(name);
                set
                {
                    if (value is null) _parameters.Remove(name);
                    else _parameters[name] = Keep(value);
                }
            }

            private protected Tensor GetOwnBuffer(string name) => _buffers.TryGetValue(name, out var entry) ? entry.tensor : null;

            private protected void SetOwnBuffer(string name, Tensor value)
            {
                if (value is null) _buffers.Remove(name);
                else _buffers[name] = (Keep(value), true);
            }

            private protected void ReplaceModule(string name, Module submodule)
            {
                submodule.RegisterComponents();
                _submodules[name] = submodule;
            }

            // What a module owns lives as long as the module, not as long as the scope it was built in.
            private static T Keep<T>(T tensor) where T : Tensor
            {
                ArgumentNullException.ThrowIfNull(tensor);
                tensor.DetachFromDisposeScope();
                return tensor;
            }

            private static void CheckName(string name, bool taken)
            {
                if (string.IsNullOrEmpty(name) || name.Contains('.'))
                    throw new ArgumentException($"A component's name must be non-empty and without dots, got '{name}'.", nameof(name));
                if (taken) throw new InvalidOperationException($"'{name}' is already registered.");
            }

            public virtual IEnumerable<Module> children() => _submodules.Values;

            public virtual IEnumerable<(string name, Module module)> named_children()
            {
                foreach (var (name, module) in _submodules) yield return (name, module);
            }

            public virtual IEnumerable<Module> modules() => named_modules().Select(entry => entry.module);

            /// <summary>All modules below this one: first the children, then each child's own descendants.</summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var child in named_children()) yield return child;
                foreach (var (name, child) in named_children())
                    foreach (var (inner, module) in child.named_modules()) yield return ($"{name}.{inner}", module);
            }

            public virtual IEnumerable<Parameter> parameters(bool recurse = true) => named_parameters(recurse).Select(entry => entry.parameter);

            /// <summary>Parameters with their dotted names; one that several modules share comes once, under its first name.</summary>
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
                foreach (var (name, parameter) in _parameters)
                    if (seen.Add(parameter)) yield return (name, parameter);
                if (!recurse) yield break;
                foreach (var (prefix, module) in _submodules)
                    foreach (var (name, parameter) in module.named_parameters())
                        if (seen.Add(parameter)) yield return ($"{prefix}.{name}", parameter);
            }

            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(entry => entry.buffer);

            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<Tensor>(ReferenceEqualityComparer.Instance);
                foreach (var (name, (buffer, persistent)) in _buffers)
                    if ((persistent || include_nonpersistent) && seen.Add(buffer)) yield return (name, buffer);
                if (!recurse) yield break;
                foreach (var (prefix, module) in _submodules)
                    foreach (var (name, buffer) in module.named_buffers(true, include_nonpersistent))
                        if (seen.Add(buffer)) yield return ($"{prefix}.{name}", buffer);
            }

            public virtual bool has_parameter(string target) => named_parameters().Any(entry => entry.name == target);

            public virtual Parameter get_parameter(string target) => named_parameters().FirstOrDefault(entry => entry.name == target).parameter;

            public virtual bool has_buffer(string target) => named_buffers().Any(entry => entry.name == target);

            public virtual Tensor get_buffer(string target) => named_buffers().FirstOrDefault(entry => entry.name == target).buffer;

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing) return;
                foreach (var parameter in _parameters.Values) parameter.Dispose();
                foreach (var (buffer, _) in _buffers.Values) buffer.Dispose();
                foreach (var module in _submodules.Values) module.Dispose();
            }
        }
    }
}
