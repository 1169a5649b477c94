namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor add(Tensor target) => Native.ts_add(this, target, Number.One);

        public Tensor add(Tensor target, Scalar alpha) => Native.ts_add(this, target, alpha);

        public Tensor add(Scalar scalar) => Native.ts_add_scalar(this, scalar, Number.One);

        public Tensor add(Scalar scalar, Scalar alpha) => Native.ts_add_scalar(this, scalar, alpha);

        public Tensor add_(Tensor target) => add_(target, Number.One);

        public Tensor add_(Tensor target, Scalar alpha) => add_(target, alpha.Value);

        public Tensor add_(Scalar scalar) => add_(scalar.Value, Number.One);

        public Tensor add_(Scalar scalar, Scalar alpha) => add_(scalar.Value, alpha.Value);

        private Tensor add_(Tensor target, Number alpha)
        {
            Native.ts_add_(this, target, alpha);
            return this;
        }

        private Tensor add_(Number scalar, Number alpha)
        {
            Native.ts_add_scalar_(this, scalar, alpha);
            return this;
        }

        public Tensor sub(Tensor target) => Native.ts_sub(this, target);

        public Tensor sub(Scalar target) => Native.ts_sub_scalar(this, target);

        public Tensor sub_(Tensor target)
        {
            Native.ts_sub_(this, target);
            return this;
        }

        public Tensor sub_(Scalar target)
        {
            Native.ts_sub_scalar_(this, target);
            return this;
        }

        public Tensor mul(Tensor target) => Native.ts_mul(this, target);

        public Tensor mul(Scalar target) => Native.ts_mul_scalar(this, target);

        public Tensor mul_(Tensor target)
        {
            Native.ts_mul_(this, target);
            return this;
        }

        public Tensor mul_(Scalar target)
        {
            Native.ts_mul_scalar_(this, target);
            return this;
        }

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => Native.ts_div(this, target, (int)rounding_mode);

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => Native.ts_div_scalar(this, target, (int)rounding_mode);

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None)
        {
            Native.ts_div_(this, target, (int)rounding_mode);
            return this;
        }

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None)
        {
            Native.ts_div_scalar_(this, target, (int)rounding_mode);
            return this;
        }

        public Tensor remainder(Tensor target) => Native.ts_remainder(this, target);

        public Tensor remainder(Scalar scalar) => Native.ts_remainder_scalar(this, scalar);

        public Tensor fmod(Tensor target) => Native.ts_fmod(this, target);

        public Tensor fmod(Scalar scalar) => Native.ts_fmod_scalar(this, scalar);

        public Tensor pow(Tensor exponent) => Native.ts_pow(this, exponent);

        public Tensor pow(Scalar exponent) => Native.ts_pow_scalar(this, exponent);

        public Tensor pow_(Scalar exponent)
        {
            Native.ts_pow_scalar_(this, exponent);
            return this;
        }

        public Tensor maximum(Tensor other) => Native.ts_maximum(this, other);

        public Tensor minimum(Tensor other) => Native.ts_minimum(this, other);

        public Tensor clamp(Scalar min = null, Scalar max = null) => Native.ts_clamp(this, Optional(min), Optional(max));

        public Tensor clamp(Tensor min = null, Tensor max = null) => Native.ts_clamp_tensor(this, min, max);

        public Tensor clamp_(Scalar min = null, Scalar max = null)
        {
            Native.ts_clamp_(this, Optional(min), Optional(max));
            return this;
        }

        public Tensor clamp_min(Scalar min) => clamp(min, (Scalar)null);

        public Tensor clamp_max(Scalar max) => clamp((Scalar)null, max);

        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Native.ts_addcmul(this, tensor1, tensor2, value);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            Native.ts_addcmul_(this, tensor1, tensor2, value);
            return this;
        }

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Native.ts_addcdiv(this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value)
        {
            Native.ts_addcdiv_(this, tensor1, tensor2, value);
            return this;
        }

        /// <summary>This + weight * (end - this).</summary>
        public Tensor lerp(Tensor end, Tensor weight) => Native.ts_lerp(this, end, weight);

        private static Number Optional(Scalar value) => value is null ? Number.Absent : value.Value;
    }
}
