//! Opens files, compressed or not.

use crate::source::Problem;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Size of the buffers, in bytes.
const BUFFER: usize = 1 << 16;

/// The decompressed text of a file.
pub type Reader<'a> = Box<dyn BufRead + 'a>;

/// Tells how many bytes of the file on disk have been read since it was last told.
struct Counted<'a> {
    file: File,
    progress: &'a dyn Fn(u64),
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(buffer)?;
        (self.progress)(count as u64);
        Ok(count)
    }
}

/// Size of a file on disk in bytes; zero if it cannot be told.
pub fn file_bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |data| data.len())
}

/// Opens a plain, gzip, xz or zstd file. `progress` is called with the number of bytes read from disk since the last
/// call.
///
/// # Errors
/// The file cannot be read.
pub fn open<'a>(path: &Path, progress: &'a dyn Fn(u64)) -> Result<Reader<'a>, Problem> {
    let cannot = |error: std::io::Error| cannot_read(path, &error);
    let file = File::open(path).map_err(cannot)?;
    let mut plain = BufReader::with_capacity(BUFFER, Counted { file, progress });
    let start = plain.fill_buf().map_err(cannot)?;
    if start.starts_with(&[0x1f, 0x8b]) {
        let decoder = flate2::bufread::MultiGzDecoder::new(plain);
        return Ok(Box::new(BufReader::with_capacity(BUFFER, decoder)));
    }
    if start.starts_with(b"\xfd7zXZ\0") {
        let decoder = lzma_rust2::XzReader::new(plain, true);
        return Ok(Box::new(BufReader::with_capacity(BUFFER, decoder)));
    }
    if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let decoder = zstd::Decoder::with_buffer(plain).map_err(cannot)?;
        return Ok(Box::new(BufReader::with_capacity(BUFFER, decoder)));
    }
    Ok(Box::new(plain))
}

/// A file that cannot be read, or not to its end.
pub(super) fn cannot_read(path: &Path, error: &std::io::Error) -> Problem {
    let shown = path.display();
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            Problem::new(format!("there is no file `{shown}`"), "paths are relative to the current folder")
        }
        std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::InvalidData | std::io::ErrorKind::InvalidInput => {
            let help = "the file is damaged or cut off: copy it again, or decompress it by hand";
            Problem::new(format!("cannot decompress `{shown}`: {error}"), help)
        }
        _ => Problem::new(format!("cannot read `{shown}`: {error}"), "give a file that may be read"),
    }
}
