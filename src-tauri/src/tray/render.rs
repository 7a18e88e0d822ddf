//! The pictures, drawn from shapes at any size: states differ by shape, so that nobody needs to see colours, and each colour
//! stands out from light and dark panels alike.

use super::Icon;

/// A drawing, four bytes a pixel: red, green, blue, opacity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    /// Pixels on each side.
    pub(crate) size: u32,
    /// The rows, from the top.
    pub(crate) rgba: Vec<u8>,
}

/// Red, green and blue.
type Colour = [u8; 3];

/// Samples on each side of a pixel.
const SAMPLES: u32 = 4;

/// The drawings are made for a square of this many units.
const UNITS: f32 = 16.0;

/// The badge: left, top, right and bottom, and how round its corners are.
const BADGE: (f32, f32, f32, f32) = (3.0, 5.0, 13.0, 16.0);
const ROUND: f32 = 1.8;
/// How thick lines are.
const LINE: f32 = 1.5;
/// The two bands on which the badge hangs; they go on above the picture.
const BANDS: [[(f32, f32); 2]; 2] = [[(8.0, 5.2), (5.0, -2.0)], [(8.0, 5.2), (11.0, -2.0)]];
const BAND: f32 = 2.0;
/// The slot through which they go.
const SLOT: [(f32, f32); 2] = [(6.9, 7.1), (9.1, 7.1)];

impl Icon {
    /// The colour of the picture: between black and white, so that it shows on both.
    pub(crate) fn colour(self) -> Colour {
        match self {
            Self::Active | Self::Working => [0x2f, 0x80, 0xd8],
            Self::Attention => [0xd8, 0x68, 0x14],
            Self::Idle | Self::Offline => [0x7e, 0x84, 0x8c],
        }
    }
}

/// The picture of a state for a panel.
pub(crate) fn panel(icon: Icon, size: u32) -> Picture {
    let colour = icon.colour();
    drawn(size, |x, y| inked(icon, x, y).then_some(colour))
}

/// Whether the picture of `icon` has ink at a point.
fn inked(icon: Icon, x: f32, y: f32) -> bool {
    let card = rounded(x, y, BADGE, ROUND);
    let bands = card > 0.5 && BANDS.iter().any(|[from, to]| along(x, y, *from, *to) <= BAND / 2.0);
    let outline = (-LINE..=0.0).contains(&card);
    let full = card <= 0.0 && along(x, y, SLOT[0], SLOT[1]) > 0.55;
    match icon {
        Icon::Idle => bands || outline || full && y < 8.6,
        Icon::Active => bands || full && !tick(x, y),
        Icon::Working => bands || full && !dots(x, y),
        Icon::Attention => bands || full && !mark(x, y),
        Icon::Offline => {
            let bar = along(x, y, (1.0, 15.0), (15.0, 1.0));
            bar <= LINE / 2.0 || bar > LINE * 1.4 && (bands || outline)
        }
    }
}

fn tick(x: f32, y: f32) -> bool {
    along(x, y, (5.4, 11.9), (7.2, 13.6)) <= 0.85 || along(x, y, (7.2, 13.6), (10.6, 10.0)) <= 0.85
}

fn dots(x: f32, y: f32) -> bool {
    [5.3, 8.0, 10.7].iter().any(|centre| (x - centre).hypot(y - 11.8) <= 0.95)
}

fn mark(x: f32, y: f32) -> bool {
    along(x, y, (8.0, 9.6), (8.0, 11.7)) <= 0.95 || (x - 8.0).hypot(y - 14.1) <= 1.0
}

/// How far a point is from a rectangle with round corners; less than nothing inside.
fn rounded(x: f32, y: f32, (left, top, right, bottom): (f32, f32, f32, f32), round: f32) -> f32 {
    let (across, down) = ((x - (left + right) / 2.0).abs(), (y - (top + bottom) / 2.0).abs());
    let (dx, dy) = (across - (right - left) / 2.0 + round, down - (bottom - top) / 2.0 + round);
    dx.max(0.0).hypot(dy.max(0.0)) + dx.max(dy).min(0.0) - round
}

/// How far a point is from a line between two others.
fn along(x: f32, y: f32, (ax, ay): (f32, f32), (bx, by): (f32, f32)) -> f32 {
    let (dx, dy) = (bx - ax, by - ay);
    let at = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    (x - ax - at * dx).hypot(y - ay - at * dy)
}

/// Asks for the ink at many points of each pixel, and mixes what it gets.
fn drawn(size: u32, ink: impl Fn(f32, f32) -> Option<Colour>) -> Picture {
    let mut rgba = Vec::with_capacity((size * size * 4) as usize);
    let point = |pixel: u32, sample: u32| (pixel as f32 + (sample as f32 + 0.5) / SAMPLES as f32) * UNITS / size as f32;
    for row in 0..size {
        for column in 0..size {
            let (mut mixed, mut hits) = ([0_u32; 3], 0_u32);
            for sample in 0..SAMPLES * SAMPLES {
                if let Some(colour) = ink(point(column, sample % SAMPLES), point(row, sample / SAMPLES)) {
                    hits += 1;
                    mixed.iter_mut().zip(colour).for_each(|(sum, part)| *sum += u32::from(part));
                }
            }
            // A mean of bytes is a byte.
            rgba.extend(mixed.map(|sum| (sum / hits.max(1)) as u8));
            rgba.push((hits * 255 / (SAMPLES * SAMPLES)) as u8);
        }
    }
    Picture { size, rgba }
}

#[cfg(test)]
mod tests;
