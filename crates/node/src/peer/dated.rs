//! The `Date` of requests and answers (RFC 9110): by it each node sees how far the other's clock is from its own.

use hyper::header::{DATE, HeaderMap, HeaderValue};
use jiff::{
    Timestamp,
    fmt::rfc2822::{DateTimeParser, DateTimePrinter},
};

/// States the instant of our clock, in whole seconds. An instant that has no such form is not stated.
pub fn state(headers: &mut HeaderMap, now: Timestamp) {
    let text = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
    if let Some(value) = text.ok().and_then(|text| HeaderValue::try_from(text).ok()) {
        headers.insert(DATE, value);
    }
}

/// What the other side states; none if it states nothing that is an instant.
pub fn stated(headers: &HeaderMap) -> Option<Timestamp> {
    let text = headers.get(DATE)?.to_str().ok()?;
    DateTimeParser::new().parse_timestamp(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stated_is_read_back_in_whole_seconds() {
        let mut headers = HeaderMap::new();
        assert_eq!(stated(&headers), None);
        state(&mut headers, "2026-03-18T10:00:00.9Z".parse().unwrap());
        assert_eq!(headers[DATE], "Wed, 18 Mar 2026 10:00:00 GMT");
        assert_eq!(stated(&headers), "2026-03-18T10:00:00Z".parse().ok());
        headers.insert(DATE, HeaderValue::from_static("yesterday"));
        assert_eq!(stated(&headers), None);
    }
}
