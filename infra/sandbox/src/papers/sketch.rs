//! What a paper shows, as lines and texts on a canvas; the PDF and the pictures draw the same.

use super::pixels::Pixels;
use super::{Dice, Layout, Paper, Picture};

/// Texts are cut to what fits on the paper.
const LONGEST_TEXT: usize = 90;

/// A line, in points from the lower left corner.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    pub(super) from: (i32, i32),
    pub(super) to: (i32, i32),
}

/// A text, with its height and place in points.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) at: (i32, i32),
    pub(super) height: i32,
    pub(super) text: String,
}

/// Everything on a paper.
pub(super) struct Sketch {
    pub(super) size: (i32, i32),
    pub(super) lines: Vec<Line>,
    pub(super) texts: Vec<Text>,
}

/// In points: 17 by 11 inches, or letter.
fn size(layout: Layout) -> (i32, i32) {
    match layout {
        Layout::Sheet => (1224, 792),
        Layout::Page => (612, 792),
    }
}

impl Sketch {
    pub(super) fn of(paper: &Paper) -> Self {
        let mut sketch = Self {
            size: size(paper.layout),
            lines: Vec::new(),
            texts: Vec::new(),
        };
        match paper.layout {
            Layout::Sheet => sketch.sheet(paper),
            Layout::Page => sketch.page(paper),
        }
        sketch
    }

    fn line(&mut self, from: (i32, i32), to: (i32, i32)) {
        self.lines.push(Line { from, to });
    }

    fn frame(&mut self, (left, low): (i32, i32), (right, high): (i32, i32)) {
        self.line((left, low), (right, low));
        self.line((right, low), (right, high));
        self.line((right, high), (left, high));
        self.line((left, high), (left, low));
    }

    fn text(&mut self, at: (i32, i32), height: i32, text: &str) {
        let text = text.chars().take(LONGEST_TEXT).collect();
        self.texts.push(Text { at, height, text });
    }

    fn sheet(&mut self, paper: &Paper) {
        self.frame((20, 20), (1204, 772));
        self.line((960, 20), (960, 772));
        self.plan(&mut Dice::new(paper.seed()));
        for (low, height, label, text) in [
            (640, 16, "PROJECT", &paper.project),
            (520, 16, "SHEET TITLE", &paper.title),
            (400, 20, "DATE", &paper.date),
            (280, 40, "REVISION", &paper.revision),
            (60, 60, "SHEET NO.", &paper.number),
        ] {
            self.line((960, low + 100), (1204, low + 100));
            self.text((970, low + 84), 8, label);
            // As wide as the title block allows, going by Helvetica's widest capitals.
            let letters = i32::try_from(text.chars().count().min(LONGEST_TEXT))
                .unwrap_or(1)
                .max(1);
            self.text((970, low + 20), height.min(224 * 4 / (letters * 3)).max(4), text);
        }
    }

    /// A grid with axes, and rooms in it.
    fn plan(&mut self, dice: &mut Dice) {
        let (columns, rows) = (dice.between(4, 8), dice.between(3, 6));
        let (wide, high) = (820 / columns, 620 / rows);
        for column in 0..=columns {
            let x = 70 + column * wide;
            self.line((x, 50), (x, 70 + rows * high + 20));
            self.text((x - 4, 34), 12, &(column + 1).to_string());
        }
        for row in 0..=rows {
            let y = 70 + row * high;
            self.line((50, y), (70 + columns * wide + 20, y));
            self.text(
                (30, y - 4),
                12,
                &char::from(b'A' + u8::try_from(row).unwrap_or_default()).to_string(),
            );
        }
        for _ in 0..dice.between(8, 16) {
            let (x, y) = (70 + dice.between(0, columns) * wide, 70 + dice.between(0, rows) * high);
            let (dx, dy) = (dice.between(wide / 4, wide - 6), dice.between(high / 4, high - 6));
            self.frame((x + 4, y + 4), (x + dx, y + dy));
            if dice.next() & 3 == 0 {
                self.line((x + 4, y + 4), (x + dx, y + dy));
            }
        }
    }

    fn page(&mut self, paper: &Paper) {
        self.text((72, 740), 9, &paper.project);
        self.line((72, 732), (540, 732));
        self.text((72, 700), 16, paper.number.as_str());
        self.text((72, 676), 16, &paper.title);
        self.text((72, 652), 10, &format!("Revision {}, {}", paper.revision, paper.date));
        let mut dice = Dice::new(paper.seed());
        let mut y = 616;
        for (number, part) in (1..).zip(["GENERAL", "PRODUCTS", "EXECUTION"]) {
            self.text((72, y), 11, &format!("PART {number} - {part}"));
            y -= 20;
            for clause in 1..=dice.between(3, 7) {
                let words = CLAUSES[usize::try_from(dice.between(0, 8)).unwrap_or_default() % CLAUSES.len()];
                self.text((90, y), 10, &format!("{number}.{clause:02}  {words}"));
                y -= 16;
            }
            y -= 12;
        }
        self.line((72, 60), (540, 60));
        self.text((72, 46), 9, &format!("{} {}", paper.number, paper.title));
    }
}

const CLAUSES: [&str; 8] = [
    "The work of this section is described on the drawings and in the contract.",
    "Submit product data, samples and a schedule before ordering.",
    "Deliver materials in sealed packages and store them off the ground.",
    "Verify dimensions on site before fabrication.",
    "Use one manufacturer for all materials of a kind.",
    "Install level and plumb, within the tolerances of the standard named.",
    "Protect finished work until it is accepted.",
    "Keep records of tests and hand them over at completion.",
];

/// A picture's width and height, in pixels.
pub(super) fn pixels(layout: Layout, picture: Picture) -> (usize, usize) {
    let (wide, high) = size(layout);
    let width = match layout {
        Layout::Sheet => picture.width(),
        Layout::Page => picture.width() / 2,
    };
    let (wide, high) = (usize::try_from(wide).unwrap_or(1), usize::try_from(high).unwrap_or(1));
    (width, width * high / wide)
}

/// The picture of a paper.
pub(super) fn draw(paper: &Paper, picture: Picture) -> Pixels {
    let sketch = Sketch::of(paper);
    let (width, height) = pixels(paper.layout, picture);
    let mut canvas = Pixels::new(width, height);
    let scale = |points: i32| points * i32::try_from(width).unwrap_or_default() / sketch.size.0;
    let lowest = i32::try_from(height).unwrap_or_default() - 1;
    let place = |(x, y): (i32, i32)| (scale(x), lowest - scale(y));
    for line in &sketch.lines {
        canvas.line(place(line.from), place(line.to));
    }
    for text in &sketch.texts {
        // Below this, letters would only be blots.
        if scale(text.height) >= 3 {
            canvas.text(place(text.at), scale(text.height), &text.text);
        }
    }
    canvas
}
