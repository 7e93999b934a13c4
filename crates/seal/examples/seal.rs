//! Seals and opens files from the command line, for those who judge or repair: keys, files, signatures, without a node.
//!
//! ```text
//! seal keygen                          > identity
//! seal recipient IDENTITY              > recipient
//! seal seal RECIPIENT IN OUT           prints the file key
//! seal open IDENTITY IN OUT
//! seal open-with FILE-KEY IN OUT
//! seal sign ED25519-SEED MLDSA44-SEED IN    seeds in Base64; prints both public keys and both signatures in Base64
//! ```
//! Keys are given as texts, so use keys of no value. Exit 0 done, 1 refused, 2 misused.

use std::{env, error::Error, fs, process::ExitCode};

use base64::{Engine, prelude::BASE64_STANDARD};
use entente_seal::{FileKey, Identity, Recipient, SigningKey, open, open_with, seal};

const USAGE: &str = "usage: seal keygen | recipient ID | seal TO IN OUT | open ID IN OUT | open-with KEY IN OUT | sign SEED SEED IN";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Some(Ok(text)) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Some(Err(error)) => {
            eprintln!("{error}");
            ExitCode::from(1)
        }
        None => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[&str]) -> Option<Result<String, Box<dyn Error>>> {
    Some(match *arguments {
        ["keygen"] => Ok(Identity::generate().to_text().to_string()),
        ["recipient", identity] => recipient(identity),
        ["seal", to, from, out] => seal_file(to, from, out),
        ["open", identity, from, out] => open_file(identity, from, out),
        ["open-with", key, from, out] => open_file_with(key, from, out),
        ["sign", ed25519, mldsa44, from] => sign(ed25519, mldsa44, from),
        _ => return None,
    })
}

fn recipient(identity: &str) -> Result<String, Box<dyn Error>> {
    Ok(identity.parse::<Identity>()?.recipient().to_string())
}

fn seal_file(to: &str, from: &str, out: &str) -> Result<String, Box<dyn Error>> {
    let sealed = seal(&to.parse::<Recipient>()?, &fs::read(from)?);
    fs::write(out, &sealed.bytes)?;
    Ok(sealed.file_key.reveal().to_string())
}

fn open_file(identity: &str, from: &str, out: &str) -> Result<String, Box<dyn Error>> {
    let opened = open(&identity.parse::<Identity>()?, &fs::read(from)?, u64::MAX).map_err(named)?;
    fs::write(out, &opened.plaintext)?;
    Ok(opened.file_key.reveal().to_string())
}

fn open_file_with(key: &str, from: &str, out: &str) -> Result<String, Box<dyn Error>> {
    let plaintext = open_with(&key.parse::<FileKey>()?, &fs::read(from)?).map_err(named)?;
    fs::write(out, &plaintext)?;
    Ok(format!("{} bytes", plaintext.len()))
}

fn sign(ed25519: &str, mldsa44: &str, from: &str) -> Result<String, Box<dyn Error>> {
    let seed = |text: &str| -> Result<[u8; 32], Box<dyn Error>> {
        BASE64_STANDARD
            .decode(text)?
            .try_into()
            .map_err(|_| "a seed has 32 bytes".into())
    };
    let key = SigningKey::from_seeds(&seed(ed25519)?, &seed(mldsa44)?);
    let message = fs::read(from)?;
    let parts: [&[u8]; 4] = [
        key.ed25519_public(),
        key.mldsa44_public(),
        &key.sign_ed25519(&message),
        &key.sign_mldsa44(&message)[..],
    ];
    Ok(parts.map(|part| BASE64_STANDARD.encode(part)).join("\n"))
}

/// The name of the fault before its sentence, as the vectors write it.
fn named(fault: entente_seal::Unreadable) -> String {
    format!("{fault:?}: {fault}")
}
