//! What a column of a Parquet file holds.

use super::super::{Cell, Value};
use ::parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit, Type},
    schema::types::{ColumnDescriptor, SchemaDescriptor},
};

/// A column whose rows have one value each, or none.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// Its name; that of a field inside a structure has dots.
    pub name: String,
    pub(super) leaf: usize,
    /// From this definition level on there is a value.
    pub(super) defined: i16,
    pub(super) physical: Type,
    pub(super) means: Means,
}

/// How the values of a column are meant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Means {
    /// What they are.
    Plain,
    /// Integers without a sign.
    Unsigned,
    /// Singles.
    Single,
    /// Integers (or bytes that are one) divided by so much.
    Decimal(f64),
    /// Days since 1970.
    Date,
    /// So many of these since 1970 make a second.
    Timestamp(i64),
    /// Text.
    Text,
    /// Bytes, shown as hexadecimal digits.
    Bytes,
}

impl Column {
    /// The columns of a file, and the names of those that hold lists.
    pub(super) fn all(schema: &SchemaDescriptor) -> (Vec<Column>, Vec<String>) {
        let (mut columns, mut lists) = (Vec::new(), Vec::new());
        for (leaf, column) in schema.columns().iter().enumerate() {
            let name = column.path().parts().join(".");
            if column.max_rep_level() > 0 {
                lists.push(name);
                continue;
            }
            let (defined, physical) = (column.max_def_level(), column.physical_type());
            columns.push(Column { name, leaf, defined, physical, means: Means::of(column) });
        }
        (columns, lists)
    }

    /// Whether it holds numbers (or times, or truth), and not text.
    pub fn is_number(&self) -> bool {
        !matches!(self.means, Means::Text | Means::Bytes)
    }

    /// Whether it holds yes and no.
    pub fn is_truth(&self) -> bool {
        self.physical == Type::BOOLEAN
    }

    /// A value to show.
    pub fn value(&self, cell: Cell<'_>) -> Value {
        match (self.means, cell) {
            (Means::Single, Cell::Float(x)) => Value::Single(x as f32),
            (Means::Date, Cell::Int(days)) => Value::Text(date(days).into()),
            (Means::Timestamp(second), Cell::Int(x)) => Value::Text(timestamp(x, second).into()),
            (Means::Bytes, Cell::Text(bytes)) => {
                Value::Text(bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>().into())
            }
            (_, cell) => Value::of(cell),
        }
    }
}

impl Means {
    fn of(column: &ColumnDescriptor) -> Means {
        let per_second = |unit: &TimeUnit| match unit {
            TimeUnit::MILLIS => 1_000,
            TimeUnit::MICROS => 1_000_000,
            TimeUnit::NANOS => 1_000_000_000,
        };
        let physical = column.physical_type();
        let bytes = matches!(physical, Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY);
        match (column.logical_type_ref(), column.converted_type()) {
            (Some(LogicalType::Integer(whole)), _) if !whole.is_signed => return Means::Unsigned,
            (Some(LogicalType::Decimal(decimal)), _) => return Means::Decimal(10_f64.powi(decimal.scale)),
            (Some(LogicalType::Date), _) => return Means::Date,
            (Some(LogicalType::Timestamp(moment)), _) => return Means::Timestamp(per_second(&moment.unit)),
            (Some(LogicalType::String | LogicalType::Enum | LogicalType::Json), _) if bytes => return Means::Text,
            (Some(_), _) => {}
            (None, converted) => match converted {
                ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
                    return Means::Unsigned;
                }
                ConvertedType::DECIMAL => return Means::Decimal(10_f64.powi(column.type_scale())),
                ConvertedType::DATE => return Means::Date,
                ConvertedType::TIMESTAMP_MILLIS => return Means::Timestamp(1_000),
                ConvertedType::TIMESTAMP_MICROS => return Means::Timestamp(1_000_000),
                ConvertedType::UTF8 | ConvertedType::ENUM | ConvertedType::JSON if bytes => return Means::Text,
                _ => {}
            },
        }
        match physical {
            Type::FLOAT => Means::Single,
            Type::INT96 => Means::Timestamp(1_000_000_000),
            // Without a word about it, bytes of any length are text more often than not.
            Type::BYTE_ARRAY => Means::Text,
            Type::FIXED_LEN_BYTE_ARRAY => Means::Bytes,
            _ => Means::Plain,
        }
    }
}

/// A day by its number since 1970 (Howard Hinnant, chrono-Compatible Low-Level Date Algorithms).
fn date(days: i64) -> String {
    if days.abs() > 4_000_000 {
        return days.to_string();
    }
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let of_era = z.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

fn timestamp(x: i64, per_second: i64) -> String {
    let (seconds, rest) = (x.div_euclid(per_second), x.rem_euclid(per_second));
    let (day, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let clock = format!("{:02}:{:02}:{:02}", of_day / 3_600, of_day / 60 % 60, of_day % 60);
    let digits = per_second.ilog10() as usize;
    let fraction = if rest == 0 { String::new() } else { format!(".{rest:0digits$}") };
    format!("{} {clock}{fraction}", date(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_moments_are_shown_as_people_write_them() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(-1), "1969-12-31");
        assert_eq!(date(11_016), "2000-02-29");
        assert_eq!(date(20_788), "2026-12-01");
        assert_eq!(timestamp(1_500, 1_000), "1970-01-01 00:00:01.500");
        assert_eq!(timestamp(-1_000_000, 1_000_000), "1969-12-31 23:59:59");
    }
}
