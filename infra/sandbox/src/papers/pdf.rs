//! PDF 1.7 (ISO 32000-1) of one page, as large as it was asked to be: a stream that no page shows fills it up.

use std::fmt::Write;

use super::sketch::Sketch;
use super::{CHUNK, Dice, Paper};

/// Objects before the filling one.
const OBJECTS: usize = 6;
const AFTER_FILLING: &str = "\nendstream\nendobj\n";

/// The file from its first byte to its last.
pub(super) fn chunks(paper: &Paper) -> impl Iterator<Item = Vec<u8>> + Send + use<> {
    let (mut head, offsets) = head(paper);
    let start = |filling: u64| format!("{} 0 obj\n<< /Length {filling:<12} >>\nstream\n", OBJECTS + 1);
    // The filling's length takes the same room whatever it is.
    let overhead = (head.len() + start(0).len() + tail(&offsets, 0).len()) as u64;
    let filling = paper.pdf_size.saturating_sub(overhead);
    head.extend(start(filling).bytes());
    let last = tail(&offsets, head.len() as u64 + filling);
    // Chance is dear to make: one piece of it serves for all, each with its number in front.
    let mut dice = Dice::new(paper.seed());
    let mut piece = Vec::with_capacity(CHUNK);
    while piece.len() < CHUNK.min(usize::try_from(filling).unwrap_or(CHUNK)) {
        piece.extend_from_slice(&dice.next().to_le_bytes());
    }
    let mut left = filling;
    let fill = std::iter::from_fn(move || {
        let take = piece.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let mut bytes = piece.get(..take)?.to_vec();
        for (byte, digit) in bytes.iter_mut().zip(left.to_le_bytes()) {
            *byte = digit;
        }
        left -= take as u64;
        (take > 0).then_some(bytes)
    });
    std::iter::once(head).chain(fill).chain(std::iter::once(last))
}

/// The objects before the filling, and where they and the filling begin.
fn head(paper: &Paper) -> (Vec<u8>, Vec<usize>) {
    let sketch = Sketch::of(paper);
    let page = content(&sketch);
    let (wide, high) = sketch.size;
    let objects: [Vec<u8>; OBJECTS] = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide} {high}] /Contents 4 0 R \
             /Resources << /Font << /F1 5 0 R >> >> >>"
        )
        .into_bytes(),
        [
            format!("<< /Length {} >>\nstream\n", page.len()).as_bytes(),
            &page,
            b"\nendstream",
        ]
        .concat(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_vec(),
        [
            b"<< /Producer (Procore sandbox) /Title (",
            &literal(&format!("{} {}", paper.number, paper.title))[..],
            b") >>",
        ]
        .concat(),
    ];
    let mut bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::with_capacity(OBJECTS + 1);
    for (number, object) in (1..).zip(objects) {
        offsets.push(bytes.len());
        bytes.extend(format!("{number} 0 obj\n").bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    }
    offsets.push(bytes.len());
    (bytes, offsets)
}

/// Everything after the filling.
fn tail(offsets: &[usize], end_of_filling: u64) -> Vec<u8> {
    let mut tail = AFTER_FILLING.to_owned();
    let table = end_of_filling + AFTER_FILLING.len() as u64;
    let count = offsets.len() + 1;
    // Writing to a string cannot fail.
    let _ = write!(tail, "xref\n0 {count}\n0000000000 65535 f \n");
    for offset in offsets {
        let _ = writeln!(tail, "{offset:010} 00000 n ");
    }
    let _ = write!(
        tail,
        "trailer\n<< /Size {count} /Root 1 0 R /Info {OBJECTS} 0 R >>\nstartxref\n{table:012}\n%%EOF\n"
    );
    tail.into_bytes()
}

fn content(sketch: &Sketch) -> Vec<u8> {
    let mut content = b"0.7 w\n".to_vec();
    for line in &sketch.lines {
        let ((x, y), (to_x, to_y)) = (line.from, line.to);
        content.extend(format!("{x} {y} m {to_x} {to_y} l S\n").bytes());
    }
    for text in &sketch.texts {
        let (x, y) = text.at;
        content.extend(format!("BT /F1 {} Tf {x} {y} Td (", text.height).bytes());
        content.extend(literal(&text.text));
        content.extend(b") Tj ET\n");
    }
    content
}

/// A text as PDF's literal strings hold it, in WinAnsi's letters.
fn literal(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    for letter in text.chars().take(200) {
        match letter {
            '(' | ')' | '\\' => bytes.extend([b'\\', letter as u8]),
            '–' | '—' => bytes.push(b'-'),
            ' '..='~' | '\u{a0}'..='\u{ff}' => bytes.push(letter as u8),
            _ => bytes.push(b'?'),
        }
    }
    bytes
}
