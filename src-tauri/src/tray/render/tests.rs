use std::path::Path;

use super::*;

/// What panels show.
const SIZES: [u32; 4] = [16, 22, 24, 32];

/// The least contrast of what must be told apart (WCAG 2.2, 1.4.11).
const CONTRAST: f64 = 3.0;

fn opacity(picture: &Picture) -> Vec<u8> {
    picture.rgba.iter().skip(3).step_by(4).copied().collect()
}

#[test]
fn the_states_differ_in_shape_at_every_size() {
    for size in SIZES {
        let masks: Vec<(Icon, Vec<u8>)> = Icon::ALL.iter().map(|icon| (*icon, opacity(&panel(*icon, size)))).collect();
        for (at, (one, mask)) in masks.iter().enumerate() {
            for (other, with) in &masks[at + 1..] {
                // A pixel that has ink in one and none in the other.
                let differ = mask.iter().zip(with).filter(|(a, b)| a.abs_diff(**b) > 127).count();
                let share = differ as f64 / f64::from(size * size);
                assert!(share > 0.035, "{one:?} and {other:?} at {size}: {differ} pixels");
            }
        }
    }
}

#[test]
fn every_state_is_seen_on_light_and_dark_panels() {
    let luminance = |colour: Colour| {
        let part = |byte: u8| {
            let value = f64::from(byte) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(colour[0]) + 0.7152 * part(colour[1]) + 0.0722 * part(colour[2])
    };
    let contrast = |a: f64, b: f64| (a.max(b) + 0.05) / (a.min(b) + 0.05);
    for icon in Icon::ALL {
        for panel in [[0xff, 0xff, 0xff], [0xf6, 0xf5, 0xf4], [0x24, 0x1f, 0x31], [0x2b, 0x2b, 0x2b], [0, 0, 0]] {
            let found = contrast(luminance(icon.colour()), luminance(panel));
            assert!(found >= CONTRAST, "{icon:?} on {panel:?}: {found:.2}");
        }
    }
}

/// Every state at every size on light and dark grounds, to be looked at, in the folder that `LANYARD_PICTURES` names.
#[test]
fn the_states_can_be_looked_at() {
    const SIDE: u32 = 200;
    let ground = |at| if at / SIDE < SIDE / 2 { [0xf6, 0xf5, 0xf4, 0xff] } else { [0x24, 0x1f, 0x31, 0xff] };
    let mut sheet = Picture { size: SIDE, rgba: (0..SIDE * SIDE).flat_map(ground).collect() };
    for half in 0..2 {
        for (down, size) in [16, 22, 32].into_iter().enumerate() {
            for (across, icon) in Icon::ALL.into_iter().enumerate() {
                let corner = (across as u32 * 40 + 4, half * SIDE / 2 + down as u32 * 32 + 2);
                put(&mut sheet, &panel(icon, size), corner);
            }
        }
    }
    assert!(sheet.rgba.chunks(4).all(|pixel| pixel[3] == 0xff));
    if let Some(folder) = std::env::var_os("LANYARD_PICTURES") {
        std::fs::write(Path::new(&folder).join("icons.png"), png(&sheet)).unwrap();
    }
}

/// Lays a picture over another.
fn put(sheet: &mut Picture, picture: &Picture, (left, top): (u32, u32)) {
    for (at, ink) in picture.rgba.chunks(4).enumerate() {
        let (x, y) = (left + at as u32 % picture.size, top + at as u32 / picture.size);
        let place = ((y * sheet.size + x) * 4) as usize;
        for (under, over) in sheet.rgba[place..place + 3].iter_mut().zip(ink) {
            let opacity = u32::from(ink[3]);
            *under = ((u32::from(*under) * (255 - opacity) + u32::from(*over) * opacity) / 255) as u8;
        }
    }
}

#[test]
fn every_state_fills_its_place_and_stays_in_it() {
    for size in SIZES {
        for icon in Icon::ALL {
            let picture = panel(icon, size);
            assert_eq!(picture.rgba.len(), (size * size * 4) as usize);
            let inked = opacity(&picture).iter().filter(|opacity| **opacity > 127).count() as f64;
            let share = inked / f64::from(size * size);
            assert!((0.2..0.8).contains(&share), "{icon:?} at {size}: {share:.2}");
        }
    }
}

/// Writes the files into the folder that `LANYARD_GENERATED` names, which is how they are made.
#[test]
fn the_icons_of_the_program_are_those_of_the_drawing() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("icons");
    let generated = std::env::var_os("LANYARD_GENERATED").map(|folder| Path::new(&folder).join("icons"));
    for (name, bytes) in files() {
        match &generated {
            Some(folder) => {
                std::fs::create_dir_all(folder).unwrap();
                std::fs::write(folder.join(name), bytes).unwrap();
            }
            None => assert!(std::fs::read(own.join(name)).unwrap() == bytes, "{name}: run `cargo xtask generate`"),
        }
    }
}

/// The picture of the program itself, for menus of programs and title bars: the badge on a ground of its own.
fn program(size: u32) -> Picture {
    const GROUND: Colour = [0x1f, 0x5f, 0xae];
    const INK: Colour = [0xff, 0xff, 0xff];
    drawn(size, |x, y| {
        let inside = rounded(x, y, (0.3, 0.3, 15.7, 15.7), 3.6) <= 0.0;
        // The badge takes two thirds of the ground.
        let (x, y) = ((x - 8.0) / 0.66 + 8.0, (y - 8.0) / 0.66 + 8.0);
        inside.then(|| if inked(Icon::Active, x, y) { INK } else { GROUND })
    })
}

fn files() -> Vec<(&'static str, Vec<u8>)> {
    let sized = [("32x32.png", 32), ("128x128.png", 128), ("128x128@2x.png", 256), ("icon.png", 512)];
    let mut files: Vec<_> = sized.iter().map(|(name, size)| (*name, png(&program(*size)))).collect();
    files.push(("icon.ico", ico(&[16, 24, 32, 48, 64, 256])));
    files.push(("icon.icns", icns(&[(b"ic07", 128), (b"ic08", 256), (b"ic09", 512), (b"ic11", 32), (b"ic12", 64)])));
    files
}

fn png(picture: &Picture) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.size, picture.size);
    encoder.set_color(png::ColorType::Rgba);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header().unwrap().write_image_data(&picture.rgba).unwrap();
    bytes
}

/// A directory of pictures, then the pictures.
fn ico(sizes: &[u32]) -> Vec<u8> {
    let pictures: Vec<Vec<u8>> = sizes.iter().map(|size| png(&program(*size))).collect();
    let mut bytes = vec![0, 0, 1, 0];
    bytes.extend((sizes.len() as u16).to_le_bytes());
    let mut offset = 6 + 16 * sizes.len();
    for (size, picture) in sizes.iter().zip(&pictures) {
        // 256 is written as nought.
        bytes.extend([*size as u8, *size as u8, 0, 0, 1, 0, 32, 0]);
        bytes.extend((picture.len() as u32).to_le_bytes());
        bytes.extend((offset as u32).to_le_bytes());
        offset += picture.len();
    }
    bytes.extend(pictures.concat());
    bytes
}

/// Each picture with its kind and length before it.
fn icns(kinds: &[(&[u8; 4], u32)]) -> Vec<u8> {
    let chunk = |kind: &[u8], content: &[u8]| [kind, &(content.len() as u32 + 8).to_be_bytes()[..], content].concat();
    let chunks: Vec<u8> = kinds.iter().flat_map(|(kind, size)| chunk(*kind, &png(&program(*size)))).collect();
    chunk(b"icns", &chunks)
}
