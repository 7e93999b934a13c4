//! Size classes: what is sealed is padded, so that its length tells little (docs/PROTOCOL.md, section 7).

use super::strict::{Defect, Malformed};

/// The smallest class, bytes.
pub const SMALLEST_BYTES: usize = 1024;

/// The largest class, bytes: the most that one body carries.
pub const LARGEST_BYTES: usize = 1024 * 1024;

/// The class for so many bytes: 1, 2, 4 … 1024 KiB; `None` beyond the largest.
pub fn class_of(length: usize) -> Option<usize> {
    let class = length.max(SMALLEST_BYTES).checked_next_power_of_two()?;
    (class <= LARGEST_BYTES).then_some(class)
}

/// The text followed by spaces up to its class. Fails with `too_large` beyond the largest.
pub fn pad(text: String) -> Result<Vec<u8>, Malformed> {
    let class = class_of(text.len()).ok_or_else(|| Defect::TooLarge.at(""))?;
    let mut bytes = text.into_bytes();
    bytes.resize(class, b' ');
    Ok(bytes)
}

/// The object without its padding.
///
/// Fails if the length is no class, if the class is larger than the object needs, or if anything but spaces stands around it.
pub fn unpad(bytes: &[u8]) -> Result<&[u8], Malformed> {
    let end = bytes
        .iter()
        .rposition(|byte| *byte != b' ')
        .map_or(0, |last| last + 1);
    let object = &bytes[..end];
    let framed = object.first() == Some(&b'{') && object.last() == Some(&b'}');
    if framed && class_of(object.len()) == Some(bytes.len()) {
        Ok(object)
    } else {
        Err(Defect::Padding.at(""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_go_to_the_next_class() {
        assert_eq!(class_of(0), Some(1024));
        assert_eq!(class_of(1024), Some(1024));
        assert_eq!(class_of(1025), Some(2048));
        assert_eq!(class_of(LARGEST_BYTES), Some(LARGEST_BYTES));
        assert_eq!(class_of(LARGEST_BYTES + 1), None);
    }

    #[test]
    fn only_spaces_up_to_the_class_are_padding() {
        let padded = pad("{}".into()).unwrap();
        assert_eq!(padded.len(), 1024);
        assert_eq!(unpad(&padded), Ok(&b"{}"[..]));
        assert!(unpad(b"{}").is_err());
        assert!(
            unpad(&[padded.clone(), vec![b' '; 1024]].concat()).is_err(),
            "a class too large"
        );
        assert!(
            unpad(&[&b" "[..], &padded[..1023]].concat()).is_err(),
            "a space in front"
        );
        assert!(unpad(&[b' '; 1024]).is_err());
    }
}
