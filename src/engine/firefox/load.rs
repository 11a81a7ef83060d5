//! Reading the files of a model.
//!
//! The crate that does the arithmetic panics on a model that lacks a tensor or states wrong sizes. So every
//! size is checked before it sees the file, and a broken file is an error with the tensor's name.

use std::fs;
use std::path::{Path, PathBuf};

use fxtranslate::model::{Model, ModelItem};
use fxtranslate::shortlist::Shortlist;
use fxtranslate::spm::SpmVocab;
use fxtranslate::trace::DType;
use fxtranslate::weights::Weights;
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::layers::{EMBEDDING, NetworkLayers, OUTPUT_BIAS, OUTPUT_SCALE};
use crate::engine::fault::Cause;

/// Why a model cannot be loaded.
#[derive(Debug, Error)]
pub(super) enum LoadError {
    #[error("cannot read {}: {source}", path.display())]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{} is not a Marian int8 model: {source}", path.display())]
    Model { path: PathBuf, source: Cause },
    #[error("{} is not a shortlist of this vocabulary", path.display())]
    Shortlist { path: PathBuf },
    #[error("{} is not a SentencePiece vocabulary", path.display())]
    Vocabulary { path: PathBuf },
    #[error("{} has {pieces} pieces, the model has {rows}", path.display())]
    Sizes { path: PathBuf, pieces: usize, rows: usize },
}

/// The sizes of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NetworkShape {
    /// Width of the embedding and of every layer.
    pub(super) width: usize,
    /// Heads of an attention.
    pub(super) heads: usize,
    /// Rows of the embedding table.
    pub(super) vocabulary: usize,
}

/// What the files of a model hold.
pub(super) struct Loaded {
    pub(super) weights: Weights,
    pub(super) layers: NetworkLayers,
    pub(super) shape: NetworkShape,
    pub(super) vocabulary: SpmVocab,
    pub(super) shortlist: Option<Shortlist>,
    /// The SHA-256 of the model, the vocabulary and the shortlist, in hexadecimal.
    pub(super) digests: Vec<String>,
}

/// Reads and checks the files of a model.
pub(super) fn load(model: &Path, vocabulary: &Path, shortlist: Option<&Path>) -> Result<Loaded, LoadError> {
    let model_bytes = read(model)?;
    let vocabulary_bytes = read(vocabulary)?;
    let shortlist_bytes = shortlist.map(read).transpose()?;
    let mut digests = vec![digest(&model_bytes), digest(&vocabulary_bytes)];
    digests.extend(shortlist_bytes.as_deref().map(digest));

    let broken = |source: Cause| LoadError::Model { path: model.to_owned(), source };
    check_header(&model_bytes).ok_or_else(|| broken("its header is cut off or damaged".into()))?;
    let parsed = Model::from_bytes(&model_bytes).map_err(|e| broken(e.into()))?;
    drop(model_bytes);
    let (layers, mut shape) = check_tensors(&parsed).map_err(|e| broken(e.into()))?;
    let weights = Weights::new(parsed).map_err(|e| broken(e.into()))?;
    shape.heads = weights.config().heads;
    if shape.heads == 0 || !shape.width.is_multiple_of(shape.heads) {
        return Err(broken(format!("{} heads do not divide the width {}", shape.heads, shape.width).into()));
    }

    let spm = read_vocabulary(&vocabulary_bytes)
        .ok_or_else(|| LoadError::Vocabulary { path: vocabulary.to_owned() })?;
    if spm.len() != shape.vocabulary {
        let (pieces, rows) = (spm.len(), shape.vocabulary);
        return Err(LoadError::Sizes { path: vocabulary.to_owned(), pieces, rows });
    }
    let shortlist = match (shortlist, shortlist_bytes) {
        (Some(path), Some(bytes)) => Some(
            read_shortlist(&bytes, shape.vocabulary)
                .ok_or_else(|| LoadError::Shortlist { path: path.to_owned() })?,
        ),
        _ => None,
    };
    Ok(Loaded { weights, layers, shape, vocabulary: spm, shortlist, digests })
}

fn read(path: &Path) -> Result<Vec<u8>, LoadError> {
    fs::read(path).map_err(|source| LoadError::Read { path: path.to_owned(), source })
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn u64_at(bytes: &[u8], index: usize) -> Option<usize> {
    let field = bytes.get(index * 8..index * 8 + 8)?;
    usize::try_from(u64::from_le_bytes(field.try_into().ok()?)).ok()
}

/// Checks the counts in the header of a model file, for which memory is set aside before they are read.
fn check_header(bytes: &[u8]) -> Option<()> {
    const MOST_DIMENSIONS: usize = 8;
    let items = u64_at(bytes, 1).filter(|items| *items <= bytes.len() / 32)?;
    (0..items).all(|item| u64_at(bytes, 2 + item * 4 + 2).is_some_and(|n| n <= MOST_DIMENSIONS)).then_some(())
}

/// Checks that every tensor a network needs is there in the right size.
fn check_tensors(model: &Model) -> Result<(NetworkLayers, NetworkShape), String> {
    for item in &model.items {
        let cells = item.shape.iter().try_fold(1_usize, |product, &n| {
            usize::try_from(n).ok().filter(|n| *n > 0).and_then(|n| product.checked_mul(n))
        });
        let bytes = cells.and_then(|cells| cells.checked_mul(item.dtype.element_size()));
        if item.shape.is_empty() || bytes.is_none_or(|bytes| bytes > item.data.len()) {
            return Err(format!("the tensor {} is cut off", item.name));
        }
    }
    let depth = |name: &dyn Fn(usize) -> String| {
        (1..=model.items.len()).take_while(|n| model.get(&name(*n)).is_some()).count()
    };
    let layers = NetworkLayers::new(
        depth(&|n| format!("encoder_l{n}_self_Wq")),
        depth(&|n| format!("decoder_l{n}_rnn_W")),
    );
    if layers.encoder.is_empty() || layers.decoder.is_empty() {
        return Err("it has no transformer encoder with an SSRU decoder".to_owned());
    }
    let (vocabulary, width) = table(model, EMBEDDING)?;
    let (_, inner) = table(model, &layers.encoder[0].feed_forward.inner.weight)?;
    for (affine, rows, columns) in layers.products(width, inner) {
        if table(model, &affine.weight)? != (rows, columns) {
            return Err(format!("the tensor {} is not {rows} by {columns}", affine.weight));
        }
        vector(model, &format!("{}_QuantMultA", affine.weight), 1)?;
        if let Some(bias) = &affine.bias {
            vector(model, bias, columns)?;
        }
    }
    for norm in layers.norms() {
        vector(model, &format!("{norm}_ln_scale"), width)?;
        optional_vector(model, &format!("{norm}_ln_bias"), width)?;
    }
    vector(model, OUTPUT_SCALE, 1)?;
    optional_vector(model, OUTPUT_BIAS, vocabulary)?;
    Ok((layers, NetworkShape { width, heads: 0, vocabulary }))
}

fn tensor<'a>(model: &'a Model, name: &str) -> Result<&'a ModelItem, String> {
    model.get(name).ok_or_else(|| format!("the tensor {name} is missing"))
}

/// Rows and columns of an int8 tensor.
fn table(model: &Model, name: &str) -> Result<(usize, usize), String> {
    let item = tensor(model, name)?;
    let scaled = item.dtype == DType::Intgemm8 && item.quant_mult().is_ok_and(|q| q.is_finite() && q > 0.0);
    match item.shape.as_slice() {
        &[rows, columns] if scaled => Ok((rows.unsigned_abs() as usize, columns.unsigned_abs() as usize)),
        _ => Err(format!("the tensor {name} is not an int8 table")),
    }
}

/// Checks the length of a float tensor.
fn vector(model: &Model, name: &str, length: usize) -> Result<(), String> {
    match tensor(model, name)?.to_f32() {
        Ok(values) if values.len() == length => Ok(()),
        _ => Err(format!("the tensor {name} is not {length} floats")),
    }
}

/// Checks the length of a float tensor that a model may do without.
fn optional_vector(model: &Model, name: &str, length: usize) -> Result<(), String> {
    if model.get(name).is_some() { vector(model, name, length) } else { Ok(()) }
}

/// Reads a vocabulary; `None` if it is damaged or has no end mark.
fn read_vocabulary(bytes: &[u8]) -> Option<SpmVocab> {
    check_fields(bytes)?;
    // The crate's reader of Protocol Buffers panics on damaged input and has no other way to say so.
    let vocabulary = std::panic::catch_unwind(|| SpmVocab::from_bytes(bytes)).ok()?;
    (!vocabulary.is_empty() && vocabulary.piece(vocabulary.eos_id()) == "</s>").then_some(vocabulary)
}

/// Checks that the fields of a Protocol Buffers message fill it to its last byte: the crate takes what is left
/// of a file that was cut off.
fn check_fields(mut bytes: &[u8]) -> Option<()> {
    const LENGTH_DELIMITED: u64 = 2;
    while !bytes.is_empty() {
        let tag = varint(&mut bytes)?;
        // A vocabulary has messages at its top level and nothing else.
        if tag & 7 != LENGTH_DELIMITED {
            return None;
        }
        let length = usize::try_from(varint(&mut bytes)?).ok()?;
        bytes = bytes.get(length..)?;
    }
    Some(())
}

fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// Reads a shortlist; `None` if its sizes do not add up or it names tokens that the vocabulary lacks.
fn read_shortlist(bytes: &[u8], vocabulary: usize) -> Option<Shortlist> {
    const HEADER: usize = 6;
    let (first, offsets, tokens) = (u64_at(bytes, 2)?, u64_at(bytes, 4)?, u64_at(bytes, 5)?);
    let lists = HEADER.checked_add(offsets)?.checked_mul(8)?;
    let whole = first <= vocabulary
        && (1..=vocabulary + 1).contains(&offsets)
        && tokens.checked_mul(4).and_then(|n| n.checked_add(lists)) == Some(bytes.len());
    if !whole {
        return None;
    }
    let offsets: Vec<usize> = (0..offsets).map(|n| u64_at(bytes, HEADER + n)).collect::<Option<_>>()?;
    let ascending = offsets.windows(2).all(|pair| pair[0] <= pair[1] && pair[1] <= tokens);
    let known = bytes[lists..]
        .chunks_exact(4)
        .all(|token| (u32::from_le_bytes([token[0], token[1], token[2], token[3]]) as usize) < vocabulary);
    (ascending && known).then(|| Shortlist::from_bytes(bytes))
}
