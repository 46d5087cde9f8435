//! Reading pictures: their own date, and drawing them in small.
//!
//! Runs in the child, and in tests. It is given bytes and gives bytes; what it is given may be anything.
//! Start at [`date`] and [`draw`].

use std::io::Cursor;

use exif::{DateTime, Exif, In, Reader, Tag, Value};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageReader, Limits, Rgb, RgbImage};
use jiff::civil;
use jiff::tz::TimeZone;

use crate::{Eyes, Look, Taken, Unseen};

/// Points of a small picture on its longer side: sharp enough for a tile on any screen.
pub const SIDE: u32 = 320;
/// More points are not drawn: with these the largest decoder stays within the child's memory.
const PIXELS_MAX: u64 = 64_000_000;
/// No side is longer, whatever the other one is.
const SIDE_MAX: u32 = 30_000;
/// What one decoder may set aside at once.
const ALLOC_MAX: u64 = 320 << 20;
/// Small pictures look well at this, and have 10 to 25 KB.
const QUALITY: u8 = 80;

/// Dates, the better one first, each with the tag that tells how far its clock was ahead.
const DATES: [(Tag, Tag); 2] = [
    (Tag::DateTimeOriginal, Tag::OffsetTimeOriginal),
    (Tag::DateTimeDigitized, Tag::OffsetTimeDigitized),
];

/// Looks by itself, without a child: for tests that are about something else.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalEyes;

impl Eyes for LocalEyes {
    fn open(&self) -> Box<dyn Look + '_> {
        Box::new(*self)
    }
}

impl Look for LocalEyes {
    fn date(&mut self, head: &[u8]) -> Result<Option<Taken>, Unseen> {
        Ok(date(head))
    }

    fn draw(&mut self, whole: &[u8]) -> Result<Vec<u8>, Unseen> {
        draw(whole)
    }
}

/// When a picture says it was taken.
pub(crate) fn date(head: &[u8]) -> Option<Taken> {
    // One field that is broken does not make the others wrong.
    let read = Reader::new().continue_on_error(true).read_from_container(&mut Cursor::new(head));
    let exif = read.or_else(|error| error.distill_partial_result(|_| {})).ok()?;
    DATES.iter().find_map(|(date, offset)| taken(&exif, *date, *offset))
}

fn text(exif: &Exif, tag: Tag) -> Option<&[u8]> {
    match &exif.get_field(tag, In::PRIMARY)?.value {
        Value::Ascii(texts) => texts.first().map(Vec::as_slice),
        _ => None,
    }
}

fn taken(exif: &Exif, date: Tag, offset: Tag) -> Option<Taken> {
    let mut said = DateTime::from_ascii(text(exif, date)?).ok()?;
    let number = |value: u8| i8::try_from(value).ok();
    // A camera whose clock was never set writes zeros; that is no day.
    let wall = civil::DateTime::new(
        i16::try_from(said.year).ok().filter(|year| *year > 0)?,
        number(said.month)?,
        number(said.day)?,
        number(said.hour)?,
        number(said.minute)?,
        number(said.second.min(59))?,
        0,
    );
    let wall_secs = wall.ok()?.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
    let offset_minutes = text(exif, offset).and_then(|text| {
        said.parse_offset(text).ok()?;
        // Nowhere is further from UTC than this.
        said.offset.filter(|minutes| (-14 * 60..=14 * 60).contains(minutes))
    });
    Some(Taken { wall_secs, offset_minutes })
}

/// A picture in small.
pub(crate) fn draw(whole: &[u8]) -> Result<Vec<u8>, Unseen> {
    let read = ImageReader::new(Cursor::new(whole)).with_guessed_format();
    let mut reader = read.map_err(|_| Unseen::Broken)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(SIDE_MAX);
    limits.max_image_height = Some(SIDE_MAX);
    limits.max_alloc = Some(ALLOC_MAX);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| why(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS_MAX {
        return Err(Unseen::TooLarge);
    }
    // A picture that does not say how it was held is shown as it is.
    let turned = decoder.orientation().ok();
    let image = DynamicImage::from_decoder(decoder).map_err(|error| why(&error))?;
    let mut small = if width.max(height) > SIDE { image.thumbnail(SIDE, SIDE) } else { image };
    if let Some(turned) = turned {
        small.apply_orientation(turned);
    }
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, QUALITY);
    on_white(&small).write_with_encoder(encoder).map_err(|_| Unseen::Broken)?;
    Ok(bytes)
}

fn why(error: &image::ImageError) -> Unseen {
    match error {
        image::ImageError::Limits(_) => Unseen::TooLarge,
        _ => Unseen::Broken,
    }
}

/// What shines through is white, as on paper: a JPEG has no holes.
fn on_white(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let image = image.to_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, solid] = image.get_pixel(x, y).0;
        let mix = |colour: u8| {
            let (colour, solid) = (u32::from(colour), u32::from(solid));
            u8::try_from((colour * solid + 255 * (255 - solid)) / 255).unwrap_or(u8::MAX)
        };
        Rgb([mix(red), mix(green), mix(blue)])
    })
}
