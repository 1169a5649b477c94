namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Native.ts_eq(this, target);

        public Tensor eq(Scalar target) => Native.ts_eq_scalar(this, target);

        public static Tensor operator ==(Tensor left, Tensor right) => left.eq(right);

        public static Tensor operator ==(Tensor left, Scalar right) => left.eq(right);

        public static Tensor operator ==(Scalar left, Tensor right) => right.eq(left);

        public Tensor ne(Tensor target) => Native.ts_ne(this, target);

        public Tensor ne(Scalar target) => Native.ts_ne_scalar(this, target);

        public static Tensor operator !=(Tensor left, Tensor right) => left.ne(right);

        public static Tensor operator !=(Tensor left, Scalar right) => left.ne(right);

        public static Tensor operator !=(Scalar left, Tensor right) => right.ne(left);

        public Tensor lt(Tensor target) => Native.ts_lt(this, target);

        public Tensor lt(Scalar target) => Native.ts_lt_scalar(this, target);

        public static Tensor operator <(Tensor left, Tensor right) => left.lt(right);

        public static Tensor operator <(Tensor left, Scalar right) => left.lt(right);

        public static Tensor operator <(Scalar left, Tensor right) => right.gt(left);

        public Tensor le(Tensor target) => Native.ts_le(this, target);

        public Tensor le(Scalar target) => Native.ts_le_scalar(this, target);

        public static Tensor operator <=(Tensor left, Tensor right) => left.le(right);

        public static Tensor operator <=(Tensor left, Scalar right) => left.le(right);

        public static Tensor operator <=(Scalar left, Tensor right) => right.ge(left);

        public Tensor gt(Tensor target) => Native.ts_gt(this, target);

        public Tensor gt(Scalar target) => Native.ts_gt_scalar(this, target);

        public static Tensor operator >(Tensor left, Tensor right) => left.gt(right);

        public static Tensor operator >(Tensor left, Scalar right) => left.gt(right);

        public static Tensor operator >(Scalar left, Tensor right) => right.lt(left);

        public Tensor ge(Tensor target) => Native.ts_ge(this, target);

        public Tensor ge(Scalar target) => Native.ts_ge_scalar(this, target);

        public static Tensor operator >=(Tensor left, Tensor right) => left.ge(right);

        public static Tensor operator >=(Tensor left, Scalar right) => left.ge(right);

        public static Tensor operator >=(Scalar left, Tensor right) => right.le(left);

        public static Tensor operator &(Tensor left, Tensor right) => Native.ts_bitwise_and(left, right);

        public static Tensor operator |(Tensor left, Tensor right) => Native.ts_bitwise_or(left, right);

        public static Tensor operator ^(Tensor left, Tensor right) => Native.ts_bitwise_xor(left, right);

        public Tensor logical_and(Tensor other) => Native.ts_logical_and(this, other);

        public Tensor logical_or(Tensor other) => Native.ts_logical_or(this, other);

        public Tensor logical_xor(Tensor other) => Native.ts_logical_xor(this, other);

        public Tensor logical_not() => Native.ts_logical_not(this);

        public Tensor isnan() => Native.ts_isnan(this);

        public Tensor isinf() => Native.ts_isinf(this);

        public Tensor isfinite() => Native.ts_isfinite(this);

        public unsafe bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false)
        {
            byte close;
            Native.ts_allclose(this, target, rtol, atol, equal_nan, &close);
            return close != 0;
        }

        /// <summary>Whether shape and all elements are equal, as a tensor of one element.</summary>
        public unsafe Tensor equal(Tensor target)
        {
            byte equal;
            Native.ts_equal(this, target, &equal);
            return tensor(equal != 0);
        }
    }
}
