//! Makes result files, and finds the best rows the slow way.
#![allow(dead_code, unreachable_pub, reason = "no test file uses all of it")]

use experiments::{
    columns::filter::Filter,
    top::{Found, Query, Unwatched, find},
};
use memguard::Bytes;
use parquet::{
    basic::{Compression, LogicalType, Repetition, Type as Physical, ZstdLevel},
    column::writer::ColumnWriter,
    data_type::ByteArray,
    file::{
        properties::{EnabledStatistics, WriterProperties},
        writer::SerializedFileWriter,
    },
    schema::types::Type,
};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::{
    fs::File,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

/// A row: an integer, a double and a name, each of which may be missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub whole: Option<i64>,
    pub real: Option<f64>,
    pub name: Option<String>,
}

/// Random rows with nulls, NaN, infinities, both zeros and many ties.
pub fn lines(random: &mut ChaCha8Rng, count: usize) -> Vec<Line> {
    let few = random.random_range(1..40_i64);
    let missing = [0.0, 0.1, 0.9][random.random_range(0..3)];
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 0.0, f64::MAX];
    let mut line = || Line {
        whole: (!random.random_bool(missing)).then(|| match random.random_range(0..20) {
            0 => i64::MAX - random.random_range(0..2),
            1 => i64::MIN + random.random_range(0..2),
            _ => random.random_range(-few..few),
        }),
        real: (!random.random_bool(missing)).then(|| match random.random_range(0..12) {
            0 => odd[random.random_range(0..odd.len())],
            1 => random.random_range(-1.0..1.0),
            _ => random.random_range(-few..few) as f64 / 4.0,
        }),
        name: (!random.random_bool(missing))
            .then(|| ["a", "b,\"c\"", "ä", "12", ""][random.random_range(0..5)].to_owned()),
    };
    (0..count).map(|_| line()).collect()
}

/// Writes rows as Parquet: row groups and pages of random lengths, with or without statistics and
/// dictionaries.
pub fn write_parquet(path: &Path, lines: &[Line], random: &mut ChaCha8Rng) {
    let statistics = [EnabledStatistics::None, EnabledStatistics::Chunk, EnabledStatistics::Page];
    let compressions =
        [Compression::UNCOMPRESSED, Compression::SNAPPY, Compression::ZSTD(ZstdLevel::try_new(1).unwrap())];
    let properties = WriterProperties::builder()
        .set_compression(compressions[random.random_range(0..3)])
        .set_statistics_enabled(statistics[random.random_range(0..3)])
        .set_dictionary_enabled(random.random_bool(0.5))
        .set_offset_index_disabled(random.random_bool(0.5))
        .set_data_page_row_count_limit(random.random_range(3..200))
        .set_write_batch_size(random.random_range(1..50))
        .build();
    let optional = |name: &str, kind, logical: Option<LogicalType>| {
        let builder = Type::primitive_type_builder(name, kind).with_repetition(Repetition::OPTIONAL);
        Arc::new(builder.with_logical_type(logical).build().unwrap())
    };
    let fields = vec![
        optional("whole", Physical::INT64, None),
        optional("real", Physical::DOUBLE, None),
        optional("name", Physical::BYTE_ARRAY, Some(LogicalType::String)),
    ];
    let schema = Arc::new(Type::group_type_builder("rows").with_fields(fields).build().unwrap());
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(properties)).unwrap();
    let group = random.random_range(1..=lines.len().max(2));
    for lines in lines.chunks(group) {
        let mut group = writer.next_row_group().unwrap();
        while let Some(mut column) = group.next_column().unwrap() {
            let levels =
                |present: &dyn Fn(&Line) -> bool| lines.iter().map(|l| i16::from(present(l))).collect::<Vec<_>>();
            match column.untyped() {
                ColumnWriter::Int64ColumnWriter(w) => {
                    let values: Vec<i64> = lines.iter().filter_map(|line| line.whole).collect();
                    w.write_batch(&values, Some(&levels(&|line| line.whole.is_some())), None).unwrap();
                }
                ColumnWriter::DoubleColumnWriter(w) => {
                    let values: Vec<f64> = lines.iter().filter_map(|line| line.real).collect();
                    w.write_batch(&values, Some(&levels(&|line| line.real.is_some())), None).unwrap();
                }
                ColumnWriter::ByteArrayColumnWriter(w) => {
                    let values: Vec<ByteArray> =
                        lines.iter().filter_map(|line| line.name.as_deref()).map(ByteArray::from).collect();
                    w.write_batch(&values, Some(&levels(&|line| line.name.is_some())), None).unwrap();
                }
                _ => unreachable!("no such column"),
            }
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    writer.close().unwrap();
}

/// Writes rows as CSV, empty where a value is missing.
pub fn write_csv(out: &mut dyn Write, lines: &[Line]) {
    writeln!(out, "whole,real,name").unwrap();
    for Line { whole, real, name } in lines {
        let [whole, real] = [whole.map(|x| x.to_string()), real.map(|x| x.to_string())].map(Option::unwrap_or_default);
        let name = name.as_deref().unwrap_or_default().replace('"', "\"\"");
        writeln!(out, "{whole},{real},\"{name}\"").unwrap();
    }
}

/// Writes rows as JSON lines, some names in another order.
pub fn write_json(out: &mut dyn Write, lines: &[Line]) {
    for (i, Line { whole, real, name }) in lines.iter().enumerate() {
        let name = serde_json::json!(name);
        let whole = serde_json::json!(whole);
        let real = match real {
            Some(x) if x.is_finite() => format!("{x:?}"),
            Some(x) => format!("\"{x}\""),
            None => "null".to_owned(),
        };
        if i % 3 == 0 {
            writeln!(out, "{{\"name\":{name},\"whole\": {whole} ,\"real\":{real}}}").unwrap();
        } else {
            writeln!(out, "{{\"whole\":{whole},\"real\":{real},\"name\":{name}}}").unwrap();
        }
    }
}

/// A question.
pub fn query(by: &str, descending: bool, n: usize, filter: &[&str], threads: usize) -> Query {
    Query {
        by: by.split(',').map(str::to_owned).collect(),
        descending,
        n,
        filter: Filter::parse(&filter.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>())
            .expect("an expression"),
        threads,
        memory: Bytes::mb(128),
    }
}

/// The places of what is found.
pub fn places(found: &Found) -> Vec<(usize, u64)> {
    found.rows.iter().map(|row| (row.file, row.row)).collect()
}

/// Asks for the best rows of files.
pub fn ask(query: &Query, files: &[PathBuf]) -> Found {
    find(query, files, &Unwatched).unwrap_or_else(|e| panic!("{e}"))
}

pub fn random(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}

/// Writes a column `x` of one number, many times, in one page that zstd packs into next to nothing.
pub fn write_one_page(path: &Path, rows: usize) {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).unwrap()))
        .set_dictionary_enabled(false)
        .set_data_page_row_count_limit(usize::MAX)
        .set_data_page_size_limit(usize::MAX)
        .set_max_row_group_row_count(None)
        .build();
    let x = Type::primitive_type_builder("x", Physical::INT64).with_repetition(Repetition::REQUIRED).build().unwrap();
    let schema = Arc::new(Type::group_type_builder("rows").with_fields(vec![Arc::new(x)]).build().unwrap());
    let mut writer = SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    column.typed::<parquet::data_type::Int64Type>().write_batch(&vec![7; rows], None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
}
