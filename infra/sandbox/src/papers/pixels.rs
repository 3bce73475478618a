//! A black and white canvas, with lines and the letters of a small font.

/// Pixels in rows from the top, eight to a byte, 1 for white.
pub(super) struct Pixels {
    pub(super) width: usize,
    pub(super) height: usize,
    rows: Vec<Vec<u8>>,
}

/// A letter's height and width in the font's own dots, without the gap to the next.
const LETTER: (i32, i32) = (5, 3);

impl Pixels {
    pub(super) fn new(width: usize, height: usize) -> Self {
        Self {
            width,
            height,
            rows: vec![vec![0xff; width.div_ceil(8)]; height],
        }
    }

    pub(super) fn rows(&self) -> &[Vec<u8>] {
        &self.rows
    }

    /// Makes a dot black; what is off the canvas is left out.
    fn dot(&mut self, x: i32, y: i32) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return;
        };
        if x < self.width
            && let Some(byte) = self.rows.get_mut(y).and_then(|row| row.get_mut(x / 8))
        {
            *byte &= !(0x80 >> (x % 8));
        }
    }

    /// A line of one dot's width (Bresenham's).
    pub(super) fn line(&mut self, (mut x, mut y): (i32, i32), to: (i32, i32)) {
        let (wide, high) = ((to.0 - x).abs(), -(to.1 - y).abs());
        let (right, down) = ((to.0 - x).signum(), (to.1 - y).signum());
        let mut error = wide + high;
        loop {
            self.dot(x, y);
            if (x, y) == to {
                return;
            }
            let doubled = 2 * error;
            if doubled >= high {
                error += high;
                x += right;
            }
            if doubled <= wide {
                error += wide;
                y += down;
            }
        }
    }

    /// A text whose lower left corner is at a place, about `height` dots high.
    pub(super) fn text(&mut self, (left, low): (i32, i32), height: i32, text: &str) {
        let dot = (height / LETTER.0).max(1);
        for (index, letter) in (0..).zip(text.chars()) {
            let shape = shape(letter.to_ascii_uppercase());
            for place in 0..LETTER.0 * LETTER.1 {
                if shape >> (LETTER.0 * LETTER.1 - 1 - place) & 1 == 1 {
                    let x = left + (index * (LETTER.1 + 1) + place % LETTER.1) * dot;
                    let y = low - (LETTER.0 - 1 - place / LETTER.1) * dot;
                    for (dx, dy) in (0..dot).flat_map(|dx| (0..dot).map(move |dy| (dx, dy))) {
                        self.dot(x + dx, y - dy);
                    }
                }
            }
        }
    }
}

/// Five rows of three dots, from the top left. Letters that the font lacks are gaps.
fn shape(letter: char) -> u16 {
    match letter {
        '0' => 0b111_101_101_101_111,
        '1' => 0b010_110_010_010_111,
        '2' => 0b111_001_111_100_111,
        '3' => 0b111_001_111_001_111,
        '4' => 0b101_101_111_001_001,
        '5' => 0b111_100_111_001_111,
        '6' => 0b111_100_111_101_111,
        '7' => 0b111_001_001_001_001,
        '8' => 0b111_101_111_101_111,
        '9' => 0b111_101_111_001_111,
        'A' => 0b010_101_111_101_101,
        'B' => 0b110_101_110_101_110,
        'C' => 0b011_100_100_100_011,
        'D' => 0b110_101_101_101_110,
        'E' => 0b111_100_110_100_111,
        'F' => 0b111_100_110_100_100,
        'G' => 0b011_100_101_101_011,
        'H' => 0b101_101_111_101_101,
        'I' => 0b111_010_010_010_111,
        'J' => 0b001_001_001_101_010,
        'K' => 0b101_101_110_101_101,
        'L' => 0b100_100_100_100_111,
        'M' => 0b101_111_111_101_101,
        'N' => 0b110_101_101_101_101,
        'O' => 0b010_101_101_101_010,
        'P' => 0b110_101_110_100_100,
        'Q' => 0b010_101_101_110_011,
        'R' => 0b110_101_110_101_101,
        'S' => 0b011_100_010_001_110,
        'T' => 0b111_010_010_010_010,
        'U' => 0b101_101_101_101_111,
        'V' => 0b101_101_101_101_010,
        'W' => 0b101_101_111_111_101,
        'X' => 0b101_101_010_101_101,
        'Y' => 0b101_101_010_010_010,
        'Z' => 0b111_001_010_100_111,
        '-' | '–' => 0b000_000_111_000_000,
        '.' | ',' => 0b000_000_000_000_010,
        '/' => 0b001_001_010_100_100,
        _ => 0,
    }
}
