use candle_core::Module as _;
use candle_core::Tensor;
use candle_core::quantized::QMatMul;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// A matrix of random weights as a file has it: its bytes and the same for candle.
fn quantised(format: GgmlDType, rows: usize, columns: usize, weights: Vec<f32>) -> (Vec<u8>, QTensor) {
    let weights = Tensor::from_vec(weights, (rows, columns), &Device::Cpu).unwrap();
    let tensor = QTensor::quantize(&weights, format).unwrap();
    (tensor.data().unwrap().into_owned(), tensor)
}

fn tiled(layout: TileLayout, bytes: &[u8]) -> TiledMatrix {
    TiledMatrix::read(layout, bytes).unwrap()
}

/// The layout for each kind of instructions that this processor has.
fn layouts(format: GgmlDType, rows: usize, columns: usize) -> Vec<TileLayout> {
    let layout = |instructions| Some(TileLayout { instructions, ..TileLayout::new(format, rows, columns)? });
    Instructions::all().map(|instructions| layout(instructions).unwrap()).collect()
}

fn format() -> impl Strategy<Value = GgmlDType> {
    prop_oneof![Just(GgmlDType::Q4K), Just(GgmlDType::Q6K)]
}

/// Numbers of very different sizes, as they come in a model, some of them zero.
fn numbers(count: usize) -> impl Strategy<Value = Vec<f32>> {
    vec((-1_f32..1.0, -8_i32..4, 0..20), count).prop_map(|all| {
        all.into_iter().map(|(x, e, z)| if z == 0 { 0.0 } else { x * 2f32.powi(e) }).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// The product with the weights as they are decides what is right; candle's, which rounds its input as well, how near one
    /// gets.
    #[test]
    fn products_are_as_near_as_those_of_candle(
        (format, rows, columns, weights, input) in (format(), 1_usize..5, 1_usize..4, 1_usize..12)
            .prop_flat_map(|(format, strips, blocks, inputs)| {
                let (rows, columns) = (strips * ROWS, blocks * BLOCK);
                (Just(format), Just(rows), Just(columns), numbers(rows * columns), numbers(inputs * columns))
            }),
    ) {
        let (bytes, tensor) = quantised(format, rows, columns, weights);
        let exact = tensor.dequantize(&Device::Cpu).unwrap();
        let input_rows = Tensor::from_slice(&input, (input.len() / columns, columns), &Device::Cpu).unwrap();
        let exact = input_rows.matmul(&exact.t().unwrap()).unwrap().flatten_all().unwrap();
        let exact = exact.to_vec1::<f32>().unwrap();
        let candle = QMatMul::from_qtensor(tensor).unwrap().forward(&input_rows).unwrap();
        let candle = candle.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let error = |product: &[f32]| -> f32 {
            product.iter().zip(&exact).map(|(one, other)| (one - other).powi(2)).sum::<f32>().sqrt()
        };
        let size = exact.iter().map(|value| value.powi(2)).sum::<f32>().sqrt();
        let quantised = QuantisedRows::new(&input, columns);
        let mut products = Vec::new();
        for layout in layouts(format, rows, columns) {
            products.push(tiled(layout, &bytes).product(&quantised));
        }
        for product in &products {
            prop_assert!(error(product) <= 1.1 * error(&candle) + 1e-5 * size, "{} {}", error(product), error(&candle));
            // To the last bit, whatever the instructions.
            prop_assert_eq!(product, &products[0]);
        }
    }

    #[test]
    fn the_product_of_a_row_does_not_depend_on_the_rows_beside_it(
        (format, weights, input) in (format(), 1_usize..20)
            .prop_flat_map(|(format, rows)| (Just(format), numbers(2 * ROWS * BLOCK), numbers(rows * BLOCK))),
    ) {
        let (bytes, _) = quantised(format, 2 * ROWS, BLOCK, weights);
        for layout in layouts(format, 2 * ROWS, BLOCK) {
            let matrix = tiled(layout, &bytes);
            let together = matrix.product(&QuantisedRows::new(&input, BLOCK));
            let alone: Vec<f32> = input
                .chunks_exact(BLOCK)
                .flat_map(|row| matrix.product(&QuantisedRows::new(row, BLOCK)))
                .collect();
            prop_assert_eq!(together, alone);
        }
    }

    /// Any bits at all: a file may be hostile.
    #[test]
    fn rows_come_back_as_they_stand_in_the_file(
        (format, bytes) in format().prop_flat_map(|format| {
            (Just(format), vec(any::<u8>(), 2 * ROWS * 2 * format.type_size()))
        }),
        numbers in vec(0_u32..32, 0..5),
    ) {
        let storage = QStorage::from_data(Cow::Borrowed(&bytes[..]), &Device::Cpu, format).unwrap();
        let tensor = QTensor::new(storage, (2 * ROWS, 2 * BLOCK)).unwrap();
        let all = tensor.dequantize(&Device::Cpu).unwrap().to_vec2::<f32>().unwrap();
        let layout = TileLayout::new(format, 2 * ROWS, 2 * BLOCK);
        prop_assume!(layout.is_some());
        let rows = tiled(layout.unwrap(), &bytes).rows(&numbers).unwrap();
        let wanted = numbers.iter().flat_map(|number| &all[*number as usize]);
        prop_assert!(rows.iter().map(|value| value.to_bits()).eq(wanted.map(|value| value.to_bits())));
    }
}

#[test]
fn what_does_not_fit_into_tiles_is_left_to_candle() {
    for (format, rows, columns) in [
        (GgmlDType::Q8_0, ROWS, BLOCK),
        (GgmlDType::Q4K, ROWS + 1, BLOCK),
        (GgmlDType::Q4K, ROWS, BLOCK + 32),
        (GgmlDType::Q6K, 0, BLOCK),
    ] {
        assert!(TileLayout::new(format, rows, columns).is_none(), "{format:?} {rows} {columns}");
    }
}

#[test]
fn a_matrix_that_ends_too_early_and_a_row_that_is_not_there_are_errors() {
    let Some(layout) = TileLayout::new(GgmlDType::Q6K, ROWS, BLOCK) else { return };
    let bytes = vec![0; ROWS * layout.bytes];
    let short = TiledMatrix::read(TileLayout::new(GgmlDType::Q6K, ROWS, BLOCK).unwrap(), &bytes[1..]);
    assert_eq!(short.err().map(|error| error.kind()), Some(io::ErrorKind::UnexpectedEof));
    let error = tiled(layout, &bytes).rows(&[16]).unwrap_err().to_string();
    assert_eq!(error, "there is no row 16 in a matrix of 16");
}
