//! The instructions that tiles are multiplied with.
//!
//! A kernel must be inlined into a single function, or parts of it are compiled without the instructions. So no closure is used
//! twice here and in the kernels, and `map` of an array is avoided: neither is always inlined.

#![expect(clippy::inline_always, reason = "only what is inlined gets the instructions that were found")]

use std::arch::x86_64::{__m256, __m256i, __m512, __m512i, _MM_HINT_T0};

use pulp::x86::{V3, V4};
use pulp::{NullaryFnOnce, cast};

/// Rows that are computed side by side.
pub(super) const ROWS: usize = 16;

/// Four bytes of each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C, align(64))]
pub(super) struct TileLine(pub(super) [u32; ROWS]);

/// The instructions of a processor.
#[derive(Debug, Clone, Copy)]
pub(super) enum Instructions {
    /// AVX-512 with bytes and words.
    Avx512(V4),
    /// AVX2 and FMA.
    Avx2(V3),
}

/// Work that can be done with each kind of instructions.
pub(super) trait VectorWork {
    fn run<V: Vector>(self, vector: V);
}

impl Instructions {
    /// All that this processor has, the best ones first.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        V4::try_new().map(Self::Avx512).into_iter().chain(V3::try_new().map(Self::Avx2))
    }

    /// The best that this processor has.
    pub(super) fn best() -> Option<Self> {
        Self::all().next()
    }

    /// Does work with these instructions.
    pub(super) fn run(self, work: impl VectorWork) {
        match self {
            Self::Avx512(vector) => vector.vectorize(Running { vector, work }),
            Self::Avx2(vector) => vector.vectorize(Running { vector, work }),
        }
    }
}

struct Running<V, W> {
    vector: V,
    work: W,
}

impl<V: Vector, W: VectorWork> NullaryFnOnce for Running<V, W> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.work.run(self.vector);
    }
}

/// What is done with the bytes, words (16 bits), whole numbers (32 bits) and real numbers of 16 rows. What overflows is for the
/// caller to avoid.
pub(super) trait Vector: Copy {
    /// 16 whole numbers, or the words or bytes in their places.
    type Whole: Copy;
    /// 16 real numbers.
    type Real: Copy;

    fn load(self, line: &TileLine) -> Self::Whole;
    /// Prefetches a line into the cache.
    fn prefetch(self, line: &TileLine);
    /// The same for each row.
    fn splat(self, bits: u32) -> Self::Whole;
    fn and(self, one: Self::Whole, other: Self::Whole) -> Self::Whole;
    fn or(self, one: Self::Whole, other: Self::Whole) -> Self::Whole;
    /// Towards the highest bit of each whole number.
    fn up<const BITS: u32>(self, value: Self::Whole) -> Self::Whole;
    /// Towards the lowest bit, with zeros behind.
    fn down<const BITS: u32>(self, value: Self::Whole) -> Self::Whole;
    /// Its highest byte as a number with a sign.
    fn highest_byte(self, value: Self::Whole) -> Self::Whole;
    /// Multiplies bytes without a sign with bytes with one; words that are the sums of neighbours.
    fn multiply_bytes(self, unsigned: Self::Whole, signed: Self::Whole) -> Self::Whole;
    fn add_words(self, one: Self::Whole, other: Self::Whole) -> Self::Whole;
    /// Multiplies words; whole numbers that are the sums of neighbours.
    fn multiply_words(self, one: Self::Whole, other: Self::Whole) -> Self::Whole;
    fn add(self, one: Self::Whole, other: Self::Whole) -> Self::Whole;

    /// The real numbers that are equal to whole ones.
    fn real(self, value: Self::Whole) -> Self::Real;
    /// The real numbers that have these bits.
    fn real_of_bits(self, bits: Self::Whole) -> Self::Real;
    fn bits_of(self, value: Self::Real) -> Self::Whole;
    fn splat_real(self, value: f32) -> Self::Real;
    fn multiply(self, one: Self::Real, other: Self::Real) -> Self::Real;
    /// `one` · `other` + `sum`, rounded once.
    fn multiply_add(self, one: Self::Real, other: Self::Real, sum: Self::Real) -> Self::Real;
    /// `sum` − `one` · `other`, rounded once.
    fn multiply_subtract(self, one: Self::Real, other: Self::Real, sum: Self::Real) -> Self::Real;
    fn store(self, value: Self::Real) -> [f32; ROWS];

    /// The real numbers of which the lower words are the halves (IEEE 754 binary16), but for infinities, which weights never
    /// are.
    #[inline(always)]
    fn half(self, bits: Self::Whole) -> Self::Real {
        /// 2^112, by which a half is too small if its bits are taken for a number of 32.
        const RAISED: f32 = f32::from_bits(0x7780_0000);
        let magnitude = self.up::<13>(self.and(bits, self.splat(0x7FFF)));
        let magnitude = self.multiply(self.real_of_bits(magnitude), self.splat_real(RAISED));
        let sign = self.up::<16>(self.and(bits, self.splat(0x8000)));
        self.real_of_bits(self.or(self.bits_of(magnitude), sign))
    }
}

impl Vector for V4 {
    type Whole = __m512i;
    type Real = __m512;

    #[inline(always)]
    fn load(self, line: &TileLine) -> __m512i {
        cast(line.0)
    }

    #[inline(always)]
    fn prefetch(self, line: &TileLine) {
        self.sse._mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(line).cast());
    }

    #[inline(always)]
    fn splat(self, bits: u32) -> __m512i {
        self.avx512f._mm512_set1_epi32(bits.cast_signed())
    }

    #[inline(always)]
    fn and(self, one: __m512i, other: __m512i) -> __m512i {
        self.avx512f._mm512_and_si512(one, other)
    }

    #[inline(always)]
    fn or(self, one: __m512i, other: __m512i) -> __m512i {
        self.avx512f._mm512_or_si512(one, other)
    }

    #[inline(always)]
    fn up<const BITS: u32>(self, value: __m512i) -> __m512i {
        self.avx512f._mm512_slli_epi32::<BITS>(value)
    }

    #[inline(always)]
    fn down<const BITS: u32>(self, value: __m512i) -> __m512i {
        self.avx512f._mm512_srli_epi32::<BITS>(value)
    }

    #[inline(always)]
    fn highest_byte(self, value: __m512i) -> __m512i {
        self.avx512f._mm512_srai_epi32::<24>(value)
    }

    #[inline(always)]
    fn multiply_bytes(self, unsigned: __m512i, signed: __m512i) -> __m512i {
        self.avx512bw._mm512_maddubs_epi16(unsigned, signed)
    }

    #[inline(always)]
    fn add_words(self, one: __m512i, other: __m512i) -> __m512i {
        self.avx512bw._mm512_add_epi16(one, other)
    }

    #[inline(always)]
    fn multiply_words(self, one: __m512i, other: __m512i) -> __m512i {
        self.avx512bw._mm512_madd_epi16(one, other)
    }

    #[inline(always)]
    fn add(self, one: __m512i, other: __m512i) -> __m512i {
        self.avx512f._mm512_add_epi32(one, other)
    }

    #[inline(always)]
    fn real(self, value: __m512i) -> __m512 {
        self.avx512f._mm512_cvtepi32_ps(value)
    }

    #[inline(always)]
    fn real_of_bits(self, bits: __m512i) -> __m512 {
        cast(bits)
    }

    #[inline(always)]
    fn bits_of(self, value: __m512) -> __m512i {
        cast(value)
    }

    #[inline(always)]
    fn splat_real(self, value: f32) -> __m512 {
        self.avx512f._mm512_set1_ps(value)
    }

    #[inline(always)]
    fn multiply(self, one: __m512, other: __m512) -> __m512 {
        self.avx512f._mm512_mul_ps(one, other)
    }

    #[inline(always)]
    fn multiply_add(self, one: __m512, other: __m512, sum: __m512) -> __m512 {
        self.avx512f._mm512_fmadd_ps(one, other, sum)
    }

    #[inline(always)]
    fn multiply_subtract(self, one: __m512, other: __m512, sum: __m512) -> __m512 {
        self.avx512f._mm512_fnmadd_ps(one, other, sum)
    }

    #[inline(always)]
    fn store(self, value: __m512) -> [f32; ROWS] {
        cast(value)
    }
}

/// Two halves of eight rows each.
impl Vector for V3 {
    type Whole = [__m256i; 2];
    type Real = [__m256; 2];

    #[inline(always)]
    fn load(self, line: &TileLine) -> [__m256i; 2] {
        cast(line.0)
    }

    #[inline(always)]
    fn prefetch(self, line: &TileLine) {
        self.sse._mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(line).cast());
    }

    #[inline(always)]
    fn splat(self, bits: u32) -> [__m256i; 2] {
        [self.avx._mm256_set1_epi32(bits.cast_signed()); 2]
    }

    #[inline(always)]
    fn and(self, one: [__m256i; 2], other: [__m256i; 2]) -> [__m256i; 2] {
        [self.avx2._mm256_and_si256(one[0], other[0]), self.avx2._mm256_and_si256(one[1], other[1])]
    }

    #[inline(always)]
    fn or(self, one: [__m256i; 2], other: [__m256i; 2]) -> [__m256i; 2] {
        [self.avx2._mm256_or_si256(one[0], other[0]), self.avx2._mm256_or_si256(one[1], other[1])]
    }

    #[inline(always)]
    fn up<const BITS: u32>(self, value: [__m256i; 2]) -> [__m256i; 2] {
        let bits = self.sse2._mm_cvtsi32_si128(BITS.cast_signed());
        [self.avx2._mm256_sll_epi32(value[0], bits), self.avx2._mm256_sll_epi32(value[1], bits)]
    }

    #[inline(always)]
    fn down<const BITS: u32>(self, value: [__m256i; 2]) -> [__m256i; 2] {
        let bits = self.sse2._mm_cvtsi32_si128(BITS.cast_signed());
        [self.avx2._mm256_srl_epi32(value[0], bits), self.avx2._mm256_srl_epi32(value[1], bits)]
    }

    #[inline(always)]
    fn highest_byte(self, value: [__m256i; 2]) -> [__m256i; 2] {
        [self.avx2._mm256_srai_epi32::<24>(value[0]), self.avx2._mm256_srai_epi32::<24>(value[1])]
    }

    #[inline(always)]
    fn multiply_bytes(self, unsigned: [__m256i; 2], signed: [__m256i; 2]) -> [__m256i; 2] {
        [
            self.avx2._mm256_maddubs_epi16(unsigned[0], signed[0]),
            self.avx2._mm256_maddubs_epi16(unsigned[1], signed[1]),
        ]
    }

    #[inline(always)]
    fn add_words(self, one: [__m256i; 2], other: [__m256i; 2]) -> [__m256i; 2] {
        [self.avx2._mm256_add_epi16(one[0], other[0]), self.avx2._mm256_add_epi16(one[1], other[1])]
    }

    #[inline(always)]
    fn multiply_words(self, one: [__m256i; 2], other: [__m256i; 2]) -> [__m256i; 2] {
        [self.avx2._mm256_madd_epi16(one[0], other[0]), self.avx2._mm256_madd_epi16(one[1], other[1])]
    }

    #[inline(always)]
    fn add(self, one: [__m256i; 2], other: [__m256i; 2]) -> [__m256i; 2] {
        [self.avx2._mm256_add_epi32(one[0], other[0]), self.avx2._mm256_add_epi32(one[1], other[1])]
    }

    #[inline(always)]
    fn real(self, value: [__m256i; 2]) -> [__m256; 2] {
        [self.avx._mm256_cvtepi32_ps(value[0]), self.avx._mm256_cvtepi32_ps(value[1])]
    }

    #[inline(always)]
    fn real_of_bits(self, bits: [__m256i; 2]) -> [__m256; 2] {
        cast(bits)
    }

    #[inline(always)]
    fn bits_of(self, value: [__m256; 2]) -> [__m256i; 2] {
        cast(value)
    }

    #[inline(always)]
    fn splat_real(self, value: f32) -> [__m256; 2] {
        [self.avx._mm256_set1_ps(value); 2]
    }

    #[inline(always)]
    fn multiply(self, one: [__m256; 2], other: [__m256; 2]) -> [__m256; 2] {
        [self.avx._mm256_mul_ps(one[0], other[0]), self.avx._mm256_mul_ps(one[1], other[1])]
    }

    #[inline(always)]
    fn multiply_add(self, one: [__m256; 2], other: [__m256; 2], sum: [__m256; 2]) -> [__m256; 2] {
        [
            self.fma._mm256_fmadd_ps(one[0], other[0], sum[0]),
            self.fma._mm256_fmadd_ps(one[1], other[1], sum[1]),
        ]
    }

    #[inline(always)]
    fn multiply_subtract(self, one: [__m256; 2], other: [__m256; 2], sum: [__m256; 2]) -> [__m256; 2] {
        [
            self.fma._mm256_fnmadd_ps(one[0], other[0], sum[0]),
            self.fma._mm256_fnmadd_ps(one[1], other[1], sum[1]),
        ]
    }

    #[inline(always)]
    fn store(self, value: [__m256; 2]) -> [f32; ROWS] {
        cast(value)
    }
}
