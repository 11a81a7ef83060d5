//! The matrices of a model, and their products with rows of numbers.
//!
//! Most weights of common files are 4-bit and 6-bit blocks. If the processor has AVX2, these are kept as tiles: one copy, about
//! as large as in the file. candle handles every other format, and keeps two copies of it: the weights as read, and the
//! weights rearranged for its kernels.

#[cfg(target_arch = "x86_64")]
mod tiles;
mod widen;

#[cfg(target_arch = "x86_64")]
use std::cell::OnceCell;
use std::io::{self, Read};
use std::sync::Arc;

use candle_core::quantized::{GgmlDType, QMatMul, QTensor};
use candle_core::{DType, Device, Error, Module as _, Tensor};

#[cfg(target_arch = "x86_64")]
use self::tiles::{QuantisedRows, TileLayout, TiledMatrix};
use self::widen::widened;

/// A matrix.
pub(super) enum Matrix {
    #[cfg(target_arch = "x86_64")]
    Tiled(TiledMatrix),
    /// As candle has it.
    Plain {
        stored: Arc<QTensor>,
        /// The same, ready to be multiplied with.
        multiplier: QMatMul,
    },
}

impl Matrix {
    /// Reads a matrix of `rows` outputs and `columns` inputs as tiles. Returns `None` if there are no tiles for the format or the
    /// dimensions, or if the processor lacks the instructions.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn read_tiles(
        format: GgmlDType,
        rows: usize,
        columns: usize,
        reader: impl Read,
    ) -> Option<io::Result<Self>> {
        let layout = TileLayout::new(format, rows, columns)?;
        Some(TiledMatrix::read(layout, reader).map(Self::Tiled))
    }

    /// Always `None`: the tiled kernels exist for x86-64 only.
    #[cfg(not(target_arch = "x86_64"))]
    pub(super) fn read_tiles(_: GgmlDType, _: usize, _: usize, _: impl Read) -> Option<io::Result<Self>> {
        None
    }

    /// Wraps a matrix that candle has read. candle rearranges the weights on the first product, which takes as long as reading
    /// them, so that product is computed here, while the model is loaded on all cores.
    pub(super) fn plain(tensor: QTensor) -> Result<Self, Error> {
        let stored = Arc::new(widened(tensor)?);
        let (_, columns) = stored.shape().dims2()?;
        let multiplier = QMatMul::from_arc(Arc::clone(&stored))?;
        // Two rows: for a single row, candle may use the weights as they are.
        multiplier.forward(&Tensor::zeros((2, columns), DType::F32, &Device::Cpu)?)?;
        Ok(Self::Plain { stored, multiplier })
    }

    /// The product with every row of an input, one after the other.
    pub(super) fn product(&self, input: &MatrixInput) -> Result<Vec<f32>, Error> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Tiled(matrix) => Ok(matrix.product(input.quantised())),
            Self::Plain { multiplier, .. } => {
                let rows = (input.numbers.len() / input.width, input.width);
                let rows = Tensor::from_slice(&input.numbers, rows, &Device::Cpu)?;
                multiplier.forward(&rows)?.flatten_all()?.to_vec1::<f32>()
            }
        }
    }

    /// Some rows of the matrix itself, one after the other.
    pub(super) fn rows(&self, numbers: &[u32]) -> Result<Vec<f32>, Error> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Tiled(matrix) => matrix.rows(numbers),
            Self::Plain { stored, .. } => {
                let numbers = Tensor::from_slice(numbers, numbers.len(), &Device::Cpu)?;
                stored.embedding(&numbers)?.flatten_all()?.to_vec1::<f32>()
            }
        }
    }
}

/// Rows of numbers that matrices are multiplied with.
pub(super) struct MatrixInput {
    numbers: Vec<f32>,
    width: usize,
    /// The same as tiles are multiplied with; several matrices share it.
    #[cfg(target_arch = "x86_64")]
    quantised: OnceCell<QuantisedRows>,
}

impl MatrixInput {
    /// Rows of a width, one after the other.
    pub(super) fn new(numbers: Vec<f32>, width: usize) -> Self {
        Self {
            numbers,
            width,
            #[cfg(target_arch = "x86_64")]
            quantised: OnceCell::new(),
        }
    }

    #[cfg(target_arch = "x86_64")]
    fn quantised(&self) -> &QuantisedRows {
        self.quantised.get_or_init(|| QuantisedRows::new(&self.numbers, self.width))
    }
}
