//! Small files that travel inside a body: named, typed from a closed list, bound by their digest.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};

use super::strict::{Defect, Json, Malformed, Members};
use crate::digest::Digest;

/// The largest attachment that travels inside a body, bytes.
pub const CONTENT_MAX_BYTES: usize = 256 * 1024;

/// The media types that may travel. Each is known by its first bytes too, so that no page shows one as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaType {
    /// `application/pdf`
    Pdf,
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/tiff`
    Tiff,
    /// `text/plain`, UTF-8
    Plain,
}

/// Every media type that may travel.
pub const MEDIA_TYPES: [MediaType; 5] = [
    MediaType::Pdf,
    MediaType::Jpeg,
    MediaType::Png,
    MediaType::Tiff,
    MediaType::Plain,
];

/// The name of a file, safe to show and to write to a folder: letters, digits, spaces and `-_.()`, at most 120 characters, no dot
/// in front, and the ending of its media type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileName(String);

/// A file that travels inside a body.
#[derive(Clone, PartialEq, Eq)]
pub struct Attachment {
    slot: String,
    name: FileName,
    media_type: MediaType,
    sha256: Digest,
    content: Vec<u8>,
}

/// Why a file cannot travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotTravel {
    /// Empty.
    #[error("the file is empty")]
    Empty,
    /// Over [`CONTENT_MAX_BYTES`].
    #[error(
        "the file is larger than 256 KiB; larger files do not travel in this version: send a smaller scan"
    )]
    TooLarge,
    /// No media type of the list.
    #[error("only PDF, JPEG, PNG, TIFF and plain text travel")]
    MediaType,
    /// The content begins otherwise than its media type does.
    #[error("the content is not of the media type that its name says")]
    OtherContent,
    /// A name that is not safe everywhere.
    #[error(
        "a file name has letters, digits, spaces and `-_.()` only, at most 120, and the ending of its media type"
    )]
    Name,
}

impl MediaType {
    /// `application/pdf` …
    pub fn as_str(self) -> &'static str {
        match self {
            MediaType::Pdf => "application/pdf",
            MediaType::Jpeg => "image/jpeg",
            MediaType::Png => "image/png",
            MediaType::Tiff => "image/tiff",
            MediaType::Plain => "text/plain",
        }
    }

    /// The endings of file names, lower case.
    pub fn endings(self) -> &'static [&'static str] {
        match self {
            MediaType::Pdf => &["pdf"],
            MediaType::Jpeg => &["jpg", "jpeg"],
            MediaType::Png => &["png"],
            MediaType::Tiff => &["tif", "tiff"],
            MediaType::Plain => &["txt"],
        }
    }

    /// The media type that a file name says.
    pub fn of_name(name: &str) -> Option<Self> {
        let ending = name.rsplit_once('.')?.1.to_ascii_lowercase();
        MEDIA_TYPES
            .into_iter()
            .find(|kind| kind.endings().contains(&ending.as_str()))
    }

    fn fits(self, content: &[u8]) -> bool {
        match self {
            MediaType::Pdf => content.starts_with(b"%PDF-"),
            MediaType::Jpeg => content.starts_with(&[0xff, 0xd8, 0xff]),
            MediaType::Png => content.starts_with(b"\x89PNG\r\n\x1a\n"),
            MediaType::Tiff => content.starts_with(b"II*\0") || content.starts_with(b"MM\0*"),
            MediaType::Plain => std::str::from_utf8(content).is_ok(),
        }
    }
}

impl FromStr for MediaType {
    type Err = CannotTravel;
    fn from_str(text: &str) -> Result<Self, CannotTravel> {
        MEDIA_TYPES
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or(CannotTravel::MediaType)
    }
}

impl FromStr for FileName {
    type Err = CannotTravel;
    fn from_str(text: &str) -> Result<Self, CannotTravel> {
        let safe = |mark: char| mark.is_alphanumeric() || " -_.()".contains(mark);
        let length = (1..=120).contains(&text.chars().count());
        let edges = text.trim() == text && !text.starts_with('.') && !text.ends_with('.');
        if length && edges && text.chars().all(safe) && super::strict::check_text(text).is_ok() {
            Ok(Self(text.to_owned()))
        } else {
            Err(CannotTravel::Name)
        }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Attachment {
    /// A file for this slot; its media type is the one that its name ends in.
    pub fn new(slot: &str, name: &str, content: Vec<u8>) -> Result<Self, CannotTravel> {
        let media_type = MediaType::of_name(name).ok_or(CannotTravel::MediaType)?;
        Self::checked(slot, name.parse()?, media_type, content)
    }

    fn checked(
        slot: &str,
        name: FileName,
        media_type: MediaType,
        content: Vec<u8>,
    ) -> Result<Self, CannotTravel> {
        if content.is_empty() {
            return Err(CannotTravel::Empty);
        }
        if content.len() > CONTENT_MAX_BYTES {
            return Err(CannotTravel::TooLarge);
        }
        if MediaType::of_name(&name.0) != Some(media_type) {
            return Err(CannotTravel::Name);
        }
        if !media_type.fits(&content) {
            return Err(CannotTravel::OtherContent);
        }
        Ok(Self {
            slot: slot.to_owned(),
            name,
            media_type,
            sha256: Digest::of(&content),
            content,
        })
    }

    /// The slot that names it, by its digest.
    pub fn slot(&self) -> &str {
        &self.slot
    }

    /// Its name.
    pub fn name(&self) -> &FileName {
        &self.name
    }

    /// Its media type.
    pub fn media_type(&self) -> MediaType {
        self.media_type
    }

    /// The digest of its content: what the slot holds.
    pub fn sha256(&self) -> &Digest {
        &self.sha256
    }

    /// Its bytes.
    pub fn content(&self) -> &[u8] {
        &self.content
    }

    /// As it stands in a body.
    pub(super) fn write(&self) -> Json {
        Json::object([
            ("slot", Json::text(&self.slot)),
            ("name", Json::text(&self.name)),
            ("media_type", Json::text(self.media_type.as_str())),
            ("sha256", Json::text(self.sha256)),
            ("content", Json::Text(STANDARD.encode(&self.content))),
        ])
    }

    /// Reads one attachment that stands at `pointer`.
    pub(super) fn read(json: Json, pointer: &str) -> Result<Self, Malformed> {
        let mut members = Members::of(json, pointer)?;
        let slot = members.text("slot")?;
        let name: FileName = members.parsed("name", "a safe file name")?;
        let media_type: MediaType = members.parsed("media_type", "a media type of the list")?;
        let sha256: Digest = members.parsed("sha256", "64 lower-case hexadecimal digits")?;
        let (content_at, content) = (members.at("content"), members.text("content")?);
        members.close()?;
        let content = STANDARD
            .decode(content)
            .map_err(|_| Defect::Expected("Base64".into()).at(&content_at))?;
        let found = Self::checked(&slot, name, media_type, content).map_err(|why| match why {
            CannotTravel::TooLarge => Defect::TooLarge.at(&content_at),
            _ => Defect::Expected(why.to_string()).at(pointer),
        })?;
        if found.sha256 == sha256 {
            Ok(found)
        } else {
            Err(Defect::Contradicts("the digest is another").at(content_at))
        }
    }
}

impl fmt::Debug for Attachment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Attachment({}, {}, {} bytes)",
            self.slot,
            self.sha256,
            self.content.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_leave_its_folder_or_hide_its_ending() {
        for bad in [
            "../x.pdf",
            ".pdf",
            "a/b.pdf",
            "a\\b.pdf",
            "scan.pdf\u{202e}",
            "x.",
            " x.pdf",
            "",
            "a\nb.pdf",
        ] {
            assert_eq!(bad.parse::<FileName>(), Err(CannotTravel::Name), "{bad:?}");
        }
        assert!("محضر 3 (نسخة).pdf".parse::<FileName>().is_ok());
    }

    #[test]
    fn content_must_be_what_the_name_says() {
        let pdf = b"%PDF-1.7 invented".to_vec();
        assert!(Attachment::new("scan", "scan.pdf", pdf.clone()).is_ok());
        assert_eq!(
            Attachment::new("scan", "scan.png", pdf.clone()),
            Err(CannotTravel::OtherContent)
        );
        assert_eq!(
            Attachment::new("scan", "scan.exe", pdf),
            Err(CannotTravel::MediaType)
        );
        assert_eq!(
            Attachment::new("scan", "scan.txt", vec![b'a'; CONTENT_MAX_BYTES + 1]),
            Err(CannotTravel::TooLarge)
        );
    }
}
