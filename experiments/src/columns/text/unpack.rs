//! Text out of gzip and Zstandard, known by their first bytes.

use super::super::{Bounds, Fault};
use std::{
    fs::File,
    io::{self, BufReader, Read, Seek},
    path::Path,
};

/// Bytes that are read from the disk at once.
const BLOCK: usize = 1 << 18;

/// The content of a file, unpacked.
pub(in super::super) fn unpack(path: &Path, bounds: Bounds) -> Result<Box<dyn Read + Send>, Fault> {
    let (file, head) = begin(path)?;
    Ok(match head {
        [0x1f, 0x8b, ..] => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::with_capacity(BLOCK, file))),
        [0x28, 0xb5, 0x2f, 0xfd] => {
            let decoder = zstd::stream::read::Decoder::with_buffer(BufReader::with_capacity(BLOCK, file));
            let decoder = decoder.and_then(|mut d| d.window_log_max(bounds.window).map(|()| d));
            Box::new(decoder.map_err(|e| unreadable(path, &e))?)
        }
        _ => Box::new(file),
    })
}

/// Whether a file is compressed.
pub(super) fn is_compressed(path: &Path) -> Result<bool, Fault> {
    let (_, head) = begin(path)?;
    Ok(matches!(head, [0x1f, 0x8b, ..] | [0x28, 0xb5, 0x2f, 0xfd]))
}

fn begin(path: &Path) -> Result<(File, [u8; 4]), Fault> {
    let begin = || -> io::Result<(File, [u8; 4])> {
        let mut file = File::open(path)?;
        let mut head = Vec::new();
        (&file).take(4).read_to_end(&mut head)?;
        file.rewind()?;
        head.resize(4, 0);
        Ok((file, [head[0], head[1], head[2], head[3]]))
    };
    begin().map_err(|e| unreadable(path, &e))
}

/// What went wrong while reading.
pub(in super::super) fn unreadable(path: &Path, e: &io::Error) -> Fault {
    if e.kind() == io::ErrorKind::UnexpectedEof {
        return Fault::of(path, "compressed data that breaks off", "the whole file");
    }
    let text = e.to_string();
    if text.contains("requires too much memory") {
        let expected = "data packed with a smaller window\nMaybe raise --memory";
        return Fault::of(path, "Zstandard data with a window larger than the memory bound leaves", expected);
    }
    Fault::of(path, format!("the data cannot be read: {text}"), "undamaged data")
}
