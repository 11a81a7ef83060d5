use std::io::Cursor;
use std::path::Path;

use proptest::prelude::*;
use strum::VariantArray as _;

use super::format::BilingualFormat;
use super::testing::units;
use super::unit::BilingualUnit;

fn written(format: BilingualFormat, units: &[BilingualUnit]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = format.writer(&mut bytes).expect("a head");
    for unit in units {
        writer.write(unit).expect("written");
    }
    writer.finish().expect("finished");
    bytes
}

fn read(format: BilingualFormat, bytes: Vec<u8>) -> Vec<BilingualUnit> {
    let units = format.read(Path::new("units"), Cursor::new(bytes)).expect("read");
    let unplaced = |unit| BilingualUnit { line: 0, ..unit };
    units.map(|unit| unplaced(unit.expect("a unit"))).collect()
}

proptest! {
    #[test]
    fn what_is_written_is_read_as_it_was(units in units()) {
        for format in BilingualFormat::VARIANTS {
            prop_assert_eq!(&read(*format, written(*format, &units)), &units, "{}", format.as_str());
        }
    }
}
