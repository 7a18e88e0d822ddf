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
const BADGE: (f32, f32, f32, f32) = (2.0, 5.0, 14.0, 16.0);
const ROUND: f32 = 2.0;
/// How thick lines are.
const LINE: f32 = 1.6;
/// The ribbon on which the badge hangs, from its middle to the two upper ends.
const RIBBON: [[(f32, f32); 2]; 2] = [[(8.0, 5.2), (4.2, 0.4)], [(8.0, 5.2), (11.8, 0.4)]];

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
    let ribbon = RIBBON.iter().any(|[from, to]| along(x, y, *from, *to) <= LINE / 2.0);
    let outline = card <= 0.0 && card >= -LINE;
    match icon {
        Icon::Idle => ribbon && card > 0.0 || outline,
        Icon::Active => (ribbon && card > 0.0) || card <= 0.0 && !tick(x, y),
        Icon::Working => (ribbon && card > 0.0) || card <= 0.0 && !dots(x, y),
        Icon::Attention => (ribbon && card > 0.0) || card <= 0.0 && !mark(x, y),
        Icon::Offline => {
            let bar = along(x, y, (1.2, 14.8), (14.8, 1.2));
            bar <= LINE / 2.0 || bar > LINE * 1.3 && (ribbon && card > 0.0 || outline)
        }
    }
}

fn tick(x: f32, y: f32) -> bool {
    along(x, y, (5.0, 10.6), (7.2, 12.8)) <= 0.9 || along(x, y, (7.2, 12.8), (11.2, 8.4)) <= 0.9
}

fn dots(x: f32, y: f32) -> bool {
    [4.9, 8.0, 11.1].iter().any(|centre| (x - centre).hypot(y - 10.5) <= 1.05)
}

fn mark(x: f32, y: f32) -> bool {
    along(x, y, (8.0, 7.4), (8.0, 10.8)) <= 1.0 || (x - 8.0).hypot(y - 13.6) <= 1.1
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
