//! One contiguous block of plain integers: a header with version, checksum and section table, then
//! the sections.
//!
//! Layout, little-endian: magic `STGCOACH` (8 bytes), version `u32`, number of sections `u32`,
//! length of the whole block in bytes `u64`, blake3 of everything after this field (32 bytes), then
//! for every section its offset and length in bytes (`u64` each), then the sections, each aligned
//! to 8 bytes.

use memmap2::Mmap;
use std::{
    fs,
    io::{self, Read},
    ops::Range,
    path::Path,
};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

#[cfg(target_endian = "big")]
compile_error!("blocks are little-endian and used as they are");

const MAGIC: &[u8; 8] = b"STGCOACH";
/// Raised whenever the layout of any row or section changes.
pub const VERSION: u32 = 1;
const HASH_AT: usize = 24;
const TABLE_AT: usize = HASH_AT + 32;

/// Why a block cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// Reading the file failed, or it is no plain file.
    #[error("cannot read the problem block: {0}")]
    Io(#[from] io::Error),
    /// Shorter than its header or than the length that its header gives.
    #[error("the problem block is truncated: {found} bytes, expected {expected}")]
    Truncated {
        /// Bytes there are.
        found: u64,
        /// Bytes there should be.
        expected: u64,
    },
    /// Not a block at all.
    #[error("not a problem block: it does not begin with `STGCOACH`")]
    Magic,
    /// Written by another version.
    #[error("the problem block has version {found}, this program reads version {VERSION}")]
    Version {
        /// The version found.
        found: u32,
    },
    /// The content is not what was written.
    #[error("the problem block is damaged: its checksum does not match its content")]
    Checksum,
    /// A section lies outside the block or does not hold whole rows.
    #[error("the problem block is damaged: section `{section}`{} {problem}", row.map_or(String::new(), |row| format!(" row {row}:")))]
    Section {
        /// Which section.
        section: &'static str,
        /// Which of its rows.
        row: Option<usize>,
        /// What is wrong with it.
        problem: String,
    },
    /// What was built is beyond what a problem can be.
    #[error("{what}: {problem}")]
    Built {
        /// Which part of it, by its name.
        what: String,
        /// What is wrong with it.
        problem: String,
    },
}

/// Where the bytes of a block are; aligned to words, so that every section is.
#[derive(Debug)]
enum Bytes {
    Owned(Vec<u64>),
    Mapped(Mmap),
}

/// A block that was opened: magic, version, length, checksum and section table hold.
#[derive(Debug)]
pub struct Block {
    bytes: Bytes,
    len: usize,
    sections: Vec<Range<usize>>,
}

impl Block {
    /// Builds a block from the bytes of its sections.
    pub fn build(sections: &[&[u8]]) -> Block {
        let table_end = TABLE_AT + sections.len() * 16;
        let mut at = table_end;
        let mut ranges = Vec::with_capacity(sections.len());
        for s in sections {
            ranges.push(at..at + s.len());
            at = (at + s.len()).next_multiple_of(8);
        }
        let len = at;
        let mut words = vec![0u64; len / 8];
        let bytes = words.as_mut_bytes();
        bytes[..8].copy_from_slice(MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_le_bytes());
        bytes[12..16].copy_from_slice(&(sections.len() as u32).to_le_bytes());
        bytes[16..24].copy_from_slice(&(len as u64).to_le_bytes());
        for (i, (s, r)) in sections.iter().zip(&ranges).enumerate() {
            let t = TABLE_AT + i * 16;
            bytes[t..t + 8].copy_from_slice(&(r.start as u64).to_le_bytes());
            bytes[t + 8..t + 16].copy_from_slice(&(s.len() as u64).to_le_bytes());
            bytes[r.clone()].copy_from_slice(s);
        }
        let hash = blake3::hash(&bytes[TABLE_AT..]);
        bytes[HASH_AT..TABLE_AT].copy_from_slice(hash.as_bytes());
        Block { bytes: Bytes::Owned(words), len, sections: ranges }
    }

    /// Copies `bytes` and checks them.
    ///
    /// # Errors
    /// Whatever is wrong with them, as a [`BlockError`].
    pub fn from_bytes(bytes: &[u8], names: &[&'static str]) -> Result<Block, BlockError> {
        let mut words = vec![0u64; bytes.len().div_ceil(8)];
        words.as_mut_bytes()[..bytes.len()].copy_from_slice(bytes);
        Self::check(Bytes::Owned(words), bytes.len(), names)
    }

    /// Reads a plain file into memory and checks the copy: whatever happens to the file later, the
    /// block stays as it was checked.
    ///
    /// # Errors
    /// Whatever is wrong with the file, as a [`BlockError`].
    pub fn read(path: &Path, names: &[&'static str]) -> Result<Block, BlockError> {
        let mut file = open_plain(path)?;
        let len = file.metadata()?.len();
        // What the first bytes say of the length is compared before room is made for the rest.
        let mut head = [0; HASH_AT];
        let found = read_up_to(&mut file, &mut head)?;
        if !head[..found].starts_with(MAGIC) && found >= MAGIC.len() {
            return Err(BlockError::Magic);
        }
        if len < TABLE_AT as u64 || found < HASH_AT {
            return Err(BlockError::Truncated { found: len.min(found as u64), expected: TABLE_AT as u64 });
        }
        check_head(&head, len, names)?;
        let no_room = || io::Error::new(io::ErrorKind::OutOfMemory, format!("no memory for its {len} bytes"));
        let len = usize::try_from(len).map_err(|_| no_room())?;
        let mut words = Vec::new();
        words.try_reserve_exact(len.div_ceil(8)).map_err(|_| no_room())?;
        words.resize(len.div_ceil(8), 0u64);
        let bytes = &mut words.as_mut_bytes()[..len];
        bytes[..HASH_AT].copy_from_slice(&head);
        let found = HASH_AT + read_up_to(&mut file, &mut bytes[HASH_AT..])?;
        if found < len {
            return Err(BlockError::Truncated { found: found as u64, expected: len as u64 });
        }
        Self::check(Bytes::Owned(words), len, names)
    }

    /// Maps a plain file, read-only, and checks it: all processes that map it share one copy in
    /// memory.
    ///
    /// # Errors
    /// Whatever is wrong with the file, as a [`BlockError`].
    ///
    /// # Safety
    /// Nobody may change or shorten the file while the block is in use: what was checked is read
    /// again from it.
    pub unsafe fn map(path: &Path, names: &[&'static str]) -> Result<Block, BlockError> {
        let file = open_plain(path)?;
        if file.metadata()?.len() < TABLE_AT as u64 {
            return Err(BlockError::Truncated { found: file.metadata()?.len(), expected: TABLE_AT as u64 });
        }
        // SAFETY: the caller vouches for the file.
        let map = unsafe { Mmap::map(&file)? };
        let len = map.len();
        Self::check(Bytes::Mapped(map), len, names)
    }

    /// Whether a plain file holds these bytes and no others. Reads it part by part; a file that
    /// cannot be read does not.
    pub fn is_in(&self, path: &Path) -> bool {
        let same = || -> io::Result<bool> {
            let mut file = open_plain(path)?;
            if file.metadata()?.len() != self.len as u64 {
                return Ok(false);
            }
            let mut buffer = [0; 8192];
            for part in self.bytes().chunks(buffer.len()) {
                let found = read_up_to(&mut file, &mut buffer[..part.len()])?;
                if buffer[..found] != *part {
                    return Ok(false);
                }
            }
            Ok(read_up_to(&mut file, &mut buffer[..1])? == 0)
        };
        same().unwrap_or(false)
    }

    fn check(bytes: Bytes, len: usize, names: &[&'static str]) -> Result<Block, BlockError> {
        let mut block = Block { bytes, len, sections: Vec::new() };
        let bytes = block.bytes();
        let table_end = TABLE_AT + names.len() * 16;
        if bytes.len() >= 8 && &bytes[..8] != MAGIC {
            return Err(BlockError::Magic);
        }
        if bytes.len() < table_end {
            return Err(BlockError::Truncated { found: len as u64, expected: table_end as u64 });
        }
        check_head(bytes, len as u64, names)?;
        if blake3::hash(&bytes[TABLE_AT..]).as_bytes() != &bytes[HASH_AT..TABLE_AT] {
            return Err(BlockError::Checksum);
        }
        let mut sections = Vec::with_capacity(names.len());
        for (i, section) in names.iter().enumerate() {
            let (from, size) = (u64_at(bytes, TABLE_AT + i * 16), u64_at(bytes, TABLE_AT + i * 16 + 8));
            let to = from.checked_add(size).filter(|&to| to <= len as u64 && from >= table_end as u64 && from % 8 == 0);
            let Some(to) = to else {
                return Err(BlockError::Section { section, row: None, problem: "lies outside the block".into() });
            };
            sections.push(from as usize..to as usize);
        }
        block.sections = sections;
        Ok(block)
    }

    /// The whole block, ready to be written to a file.
    pub fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Owned(words) => &words.as_bytes()[..self.len],
            Bytes::Mapped(map) => &map[..self.len],
        }
    }

    /// The checksum: equal for equal content.
    pub fn hash(&self) -> [u8; 32] {
        let mut hash = [0; 32];
        hash.copy_from_slice(&self.bytes()[HASH_AT..TABLE_AT]);
        hash
    }

    /// The bytes of a section.
    pub fn section(&self, i: usize) -> &[u8] {
        &self.bytes()[self.sections[i].clone()]
    }

    /// The rows of a section, `None` where its length is not a whole number of rows.
    pub fn rows<T: FromBytes + Immutable + KnownLayout>(&self, i: usize) -> Option<&[T]> {
        <[T]>::ref_from_bytes(self.section(i)).ok()
    }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u32_at(bytes, at)) | u64::from(u32_at(bytes, at + 4)) << 32
}

/// Whether version, number of sections and length are as expected.
fn check_head(bytes: &[u8], len: u64, names: &[&'static str]) -> Result<(), BlockError> {
    if u32_at(bytes, 8) != VERSION || u32_at(bytes, 12) as usize != names.len() {
        return Err(BlockError::Version { found: u32_at(bytes, 8) });
    }
    if u64_at(bytes, 16) != len {
        return Err(BlockError::Truncated { found: len, expected: u64_at(bytes, 16) });
    }
    Ok(())
}

/// Opens a plain file. What else there is under a path (a pipe, a device) may never end, or block
/// the one who opens it.
fn open_plain(path: &Path) -> io::Result<fs::File> {
    let plain = |is: bool| if is { Ok(()) } else { Err(io::Error::other("not a plain file")) };
    plain(fs::metadata(path)?.is_file())?;
    let file = fs::File::open(path)?;
    plain(file.metadata()?.is_file())?;
    Ok(file)
}

/// Fills a buffer as far as the file goes; how far.
fn read_up_to(file: &mut fs::File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut at = 0;
    while at < buffer.len() {
        match file.read(&mut buffer[at..]) {
            Ok(0) => break,
            Ok(n) => at += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    Ok(at)
}

/// The bytes of rows.
pub(crate) fn bytes_of<T: IntoBytes + Immutable>(rows: &[T]) -> &[u8] {
    rows.as_bytes()
}
