//! Where partners are heard.
