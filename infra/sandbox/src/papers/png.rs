//! PNG (ISO/IEC 15948) of one bit a pixel. The picture's data stays as it is, in deflate's stored blocks: pictures of
//! a few kilobytes are not worth a crate.

use super::pixels::Pixels;

const SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// What a chunk has besides its data: length, name and checksum.
const CHUNK_FRAME: usize = 12;
const HEADER: usize = 13;
/// The most that a stored block holds.
const BLOCK: usize = 65_535;

/// How many bytes [`encode`] makes of a picture.
pub(super) fn size((width, height): (usize, usize)) -> u64 {
    let data = (width.div_ceil(8) + 1) * height;
    let zlib = 2 + data + 5 * data.div_ceil(BLOCK) + 4;
    (SIGNATURE.len() + CHUNK_FRAME + HEADER + CHUNK_FRAME + zlib + CHUNK_FRAME) as u64
}

pub(super) fn encode(pixels: &Pixels) -> Vec<u8> {
    let mut png = SIGNATURE.to_vec();
    let side = |length: usize| u32::try_from(length).unwrap_or_default().to_be_bytes();
    // One bit of grey, deflate, the one set of filters, not interlaced.
    let header = [&side(pixels.width)[..], &side(pixels.height), &[1, 0, 0, 0, 0]].concat();
    push_chunk(&mut png, *b"IHDR", &header);
    // Every row begins with its filter: none.
    let data: Vec<u8> = pixels
        .rows()
        .iter()
        .flat_map(|row| std::iter::once(0).chain(row.iter().copied()))
        .collect();
    push_chunk(&mut png, *b"IDAT", &zlib(&data));
    push_chunk(&mut png, *b"IEND", &[]);
    png
}

fn push_chunk(png: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    let named = [&name[..], data].concat();
    png.extend(u32::try_from(data.len()).unwrap_or_default().to_be_bytes());
    png.extend(&named);
    png.extend(crc32(&named).to_be_bytes());
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let last = data.len().div_ceil(BLOCK);
    for (number, block) in (1..).zip(data.chunks(BLOCK)) {
        let length = u16::try_from(block.len()).unwrap_or_default();
        stream.push(u8::from(number == last));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    stream.extend(adler32(data).to_be_bytes());
    stream
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 {
                (crc >> 1) ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
    })
}

fn adler32(bytes: &[u8]) -> u32 {
    let (low, high) = bytes.iter().fold((1, 0), |(low, high), &byte| {
        let low = (low + u32::from(byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    (high << 16) | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_standards() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }
}
