//! The matrices of a model, and their products with rows of numbers.
//!
//! Most weights of the usual files are in blocks of 4 or 6 bits. Where the processor has the instructions, these are kept as
//! tiles, once and no larger than in the file. With all others candle multiplies, which keeps what it has rearranged beside what
//! it has read.

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
    /// Reads a matrix of `rows` outputs and `columns` inputs as tiles. `None` if its weights are of a format that has none, if its
    /// dimensions do not fit, or if the processor lacks the instructions.
    #[cfg(target_arch = "x86_64")]
    pub(super) fn read_tiles(
        format: GgmlDType,
        (rows, columns): (usize, usize),
        reader: impl Read,
    ) -> Option<io::Result<Self>> {
        let layout = TileLayout::new(format, rows, columns)?;
        Some(TiledMatrix::read(layout, reader).map(Self::Tiled))
    }

    /// There are tiles for other processors only.
    #[cfg(not(target_arch = "x86_64"))]
    pub(super) fn read_tiles(_: GgmlDType, _: (usize, usize), _: impl Read) -> Option<io::Result<Self>> {
        None
    }

    /// Takes a matrix as candle has read it, ready for its first product: candle rearranges the weights then, which takes as
    /// long as to read them.
    pub(super) fn plain(tensor: QTensor) -> Result<Self, Error> {
        let stored = Arc::new(widened(tensor)?);
        let (_, columns) = stored.shape().dims2()?;
        let multiplier = QMatMul::from_arc(Arc::clone(&stored))?;
        // For a single row it may take other instructions, which want the weights as they are.
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
