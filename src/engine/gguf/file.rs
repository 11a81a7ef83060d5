//! A GGUF file that is being loaded: its metadata and its tensors.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use candle_core::Device;
use candle_core::quantized::QTensor;
use candle_core::quantized::gguf_file::{Content, TensorInfo, Value};

use super::matrix::Matrix;
use crate::engine::error::EngineError;

/// An open GGUF file. Every value and every dimension read from it is checked: the file may be hostile.
pub(super) struct GgufFile {
    path: PathBuf,
    architecture: String,
    content: Content,
}

impl GgufFile {
    /// Opens a file and reads everything but the tensors.
    pub(super) fn open(path: &Path) -> Result<Self, EngineError> {
        let file = File::open(path).map_err(|e| EngineError::broken(path.display(), e))?;
        let mut reader = BufReader::new(file);
        let content = Content::read(&mut reader)
            .map_err(|e| EngineError::broken(format_args!("{}: is no GGUF model", path.display()), e))?;
        let architecture = match content.metadata.get("general.architecture") {
            Some(Value::String(name)) => name.clone(),
            _ => return Err(EngineError::Unusable(format!("{}: names no architecture", path.display()))),
        };
        Ok(Self { path: path.to_owned(), architecture, content })
    }

    /// The architecture that the file names: `llama`, `qwen2`, `qwen3`, `gemma3`.
    pub(super) fn architecture(&self) -> &str {
        &self.architecture
    }

    /// An error about this file.
    pub(super) fn wrong(&self, reason: impl fmt::Display) -> EngineError {
        EngineError::Unusable(format!("{}: {reason}", self.path.display()))
    }

    /// A whole number of the architecture, such as `block_count`.
    pub(super) fn count(&self, key: &str) -> Result<usize, EngineError> {
        self.optional_count(key).ok_or_else(|| self.wrong(format!("has no usable value for {key}")))
    }

    /// A whole number of the architecture, if it is there.
    pub(super) fn optional_count(&self, key: &str) -> Option<usize> {
        let value = match self.value(key)? {
            Value::I32(value) => u64::try_from(*value).ok()?,
            value => value.to_u64().ok()?,
        };
        usize::try_from(value).ok()
    }

    /// A real number of the architecture, if it is there.
    pub(super) fn optional_real(&self, key: &str) -> Option<f32> {
        self.value(key)?.to_f32().ok()
    }

    /// A text of the architecture, if it is there.
    pub(super) fn optional_text(&self, key: &str) -> Option<&str> {
        self.value(key)?.to_string().ok().map(String::as_str)
    }

    fn value(&self, key: &str) -> Option<&Value> {
        self.content.metadata.get(&format!("{}.{key}", self.architecture))
    }

    /// The rows of a matrix, if the file has it.
    pub(super) fn rows(&self, name: &str) -> Option<usize> {
        self.content.tensor_infos.get(name)?.shape.dims().first().copied()
    }

    /// A matrix with `rows` outputs and `columns` inputs.
    pub(super) fn matrix(&self, name: &str, rows: usize, columns: usize) -> Result<Matrix, EngineError> {
        if let Some(info) = self.content.tensor_infos.get(name) {
            match info.shape.dims() {
                [r, c] if *r == rows && *c == columns => {}
                other => return Err(self.wrong(format!("{name} is {other:?}, not [{rows}, {columns}]"))),
            }
            let weights = rows.checked_mul(columns);
            let weights =
                weights.ok_or_else(|| self.wrong(format!("{name} has more weights than can be counted")))?;
            let reader = self.reader_at(info, weights).map_err(|e| self.tensor_error(name, e.into()))?;
            if let Some(tiled) = Matrix::read_tiles(info.ggml_dtype, rows, columns, reader) {
                return tiled.map_err(|e| self.tensor_error(name, e.into()));
            }
        }
        Matrix::plain(self.read(name)?).map_err(|e| self.tensor_error(name, e))
    }

    /// A reader over the bytes of a tensor with `weights` weights. Fails if the file is too short for them.
    fn reader_at(&self, info: &TensorInfo, weights: usize) -> io::Result<impl Read> {
        let mut file = File::open(&self.path)?;
        let blocks = weights / info.ggml_dtype.block_size();
        let bytes = blocks.saturating_mul(info.ggml_dtype.type_size()) as u64;
        let start = self.content.tensor_data_offset.saturating_add(info.offset);
        // Checked before anything is allocated: the header may claim any size.
        if file.metadata()?.len().saturating_sub(start) < bytes {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        file.seek(SeekFrom::Start(start))?;
        Ok(file.take(bytes))
    }

    /// A vector of a known length.
    pub(super) fn vector(&self, name: &str, length: usize) -> Result<Vec<f32>, EngineError> {
        let tensor = self.read(name)?;
        let values = tensor
            .dequantize(&Device::Cpu)
            .and_then(|tensor| tensor.flatten_all()?.to_vec1::<f32>())
            .map_err(|e| self.tensor_error(name, e))?;
        if values.len() == length {
            Ok(values)
        } else {
            Err(self.wrong(format!("{name} has {} values, not {length}", values.len())))
        }
    }

    /// A vector that not every model has.
    pub(super) fn optional_vector(&self, name: &str, length: usize) -> Result<Option<Vec<f32>>, EngineError> {
        if self.content.tensor_infos.contains_key(name) {
            self.vector(name, length).map(Some)
        } else {
            Ok(None)
        }
    }

    /// An error of a tensor.
    pub(super) fn tensor_error(&self, name: &str, error: candle_core::Error) -> EngineError {
        EngineError::broken(format_args!("{}: {name}", self.path.display()), error)
    }

    /// Opens the file anew, so that several threads can read from it.
    fn read(&self, name: &str) -> Result<QTensor, EngineError> {
        let file = File::open(&self.path).map_err(|e| EngineError::broken(self.path.display(), e))?;
        let mut reader = BufReader::new(file);
        self.content.tensor(&mut reader, name, &Device::Cpu).map_err(|e| self.tensor_error(name, e))
    }
}
