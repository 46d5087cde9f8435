//! Pictures as cameras write them, made here: any size, any date, whole or not.
//!
//! Start at [`Camera`].

use std::io::Cursor;

use exif::experimental::Writer;
use exif::{Field, In, Tag, Value};
use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ExtendedColorType, ImageEncoder, RgbImage};

/// Why nothing here fails.
const FITS: &str = "a small picture in memory";

/// What a camera writes into its pictures.
#[derive(Clone, Debug, Default)]
pub struct Camera {
    /// `2024:07:03 18:22:01`, or anything else.
    pub date: Option<String>,
    /// `+02:00`, or anything else.
    pub offset: Option<String>,
    /// How it was held: 1 to 8.
    pub held: Option<u16>,
}

impl Camera {
    /// A camera whose clock says this.
    pub fn at(date: &str, offset: Option<&str>) -> Self {
        Self { date: Some(date.to_owned()), offset: offset.map(str::to_owned), held: None }
    }

    /// The block with all that it knows.
    pub fn exif(&self) -> Vec<u8> {
        let text = |tag, text: &Option<String>| {
            let value = Value::Ascii(vec![text.as_ref()?.clone().into_bytes()]);
            Some(Field { tag, ifd_num: In::PRIMARY, value })
        };
        let held = |held: u16| {
            let value = Value::Short(vec![held]);
            Field { tag: Tag::Orientation, ifd_num: In::PRIMARY, value }
        };
        let fields = [
            text(Tag::Software, &Some("testkit".to_owned())),
            self.held.map(held),
            text(Tag::DateTimeOriginal, &self.date),
            text(Tag::OffsetTimeOriginal, &self.offset),
        ];
        let fields: Vec<Field> = fields.into_iter().flatten().collect();
        let (mut writer, mut bytes) = (Writer::new(), Cursor::new(Vec::new()));
        fields.iter().for_each(|field| writer.push_field(field));
        writer.write(&mut bytes, false).expect(FITS);
        bytes.into_inner()
    }

    /// A JPEG of this size, red on its left and blue on its right.
    pub fn jpeg(&self, width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut bytes, 90);
        self.painted_by(encoder, width, height);
        bytes
    }

    /// The same as a PNG.
    pub fn png(&self, width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder = PngEncoder::new(&mut bytes);
        self.painted_by(encoder, width, height);
        bytes
    }

    /// The same as a WebP.
    pub fn webp(&self, width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder = WebPEncoder::new_lossless(&mut bytes);
        self.painted_by(encoder, width, height);
        bytes
    }

    fn painted_by(&self, mut encoder: impl ImageEncoder, width: u32, height: u32) {
        if self.date.is_some() || self.held.is_some() {
            encoder.set_exif_metadata(self.exif()).expect(FITS);
        }
        encoder
            .write_image(&painted(width, height), width, height, ExtendedColorType::Rgb8)
            .expect(FITS);
    }

    /// The least that a HEIC is: its list of parts, and the block that the camera wrote. No picture.
    pub fn heic(&self) -> Vec<u8> {
        let block = [&[0; 4], &self.exif()[..]].concat();
        let number = |value: usize| u32::try_from(value).expect(FITS).to_be_bytes_here();
        let part =
            |kind: &[u8; 4], inside: &[u8]| [&number(8 + inside.len())[..], kind, inside].concat();
        let entry = part(b"infe", b"\x02\0\0\0\0\x01\0\0Exif\0");
        let info = part(b"iinf", &[b"\0\0\0\0\0\x01", &entry[..]].concat());
        let ftyp = part(b"ftyp", b"heic\0\0\0\0mif1heic");
        // The place of the block is behind everything else, whose length does not depend on it.
        let meta = |at: usize| {
            let (at, len) = (number(at), number(block.len()));
            let place = [b"\0\0\0\0\x44\0\0\x01\0\x01\0\0\0\x01", &at[..], &len].concat();
            part(b"meta", &[b"\0\0\0\0", &info[..], &part(b"iloc", &place)].concat())
        };
        let at = ftyp.len() + meta(0).len() + 8;
        [ftyp, meta(at), part(b"mdat", &block)].concat()
    }
}

trait Digits {
    fn to_be_bytes_here(self) -> [u8; 4];
}

impl Digits for u32 {
    /// The workspace's rule is one byte order; this format has the other.
    fn to_be_bytes_here(self) -> [u8; 4] {
        let mut bytes = self.to_le_bytes();
        bytes.reverse();
        bytes
    }
}

/// A GIF of this size.
pub fn gif(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Vec::new();
    let painted = painted(width, height);
    GifEncoder::new(&mut bytes)
        .encode(&painted, width, height, ExtendedColorType::Rgb8)
        .expect(FITS);
    bytes
}

/// A JPEG of a few bytes that says it is of this size.
pub fn bomb(width: u16, height: u16) -> Vec<u8> {
    let mut bytes = Camera::default().jpeg(16, 16);
    // Behind the marker of the frame: its length, its depth, its height, its width.
    let at = bytes.windows(2).position(|two| two == [0xff, 0xc0]).expect("a frame");
    for (at, size) in [(at + 5, height), (at + 7, width)] {
        let [low, high] = size.to_le_bytes();
        bytes[at..at + 2].copy_from_slice(&[high, low]);
    }
    bytes
}

fn painted(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, _| {
        image::Rgb(if x < width / 2 { [220, 30, 30] } else { [30, 30, 220] })
    })
}

/// A program of these lines, at this place.
pub fn program(at: &std::path::Path, lines: &str) {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let file = std::fs::File::options().write(true).create_new(true).mode(0o755).open(at);
    file.and_then(|mut file| file.write_all(lines.as_bytes())).expect("a new file");
}
