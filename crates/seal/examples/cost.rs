//! What sealing costs: CPU µs per operation on this machine. `cargo run --release -p entente-seal --example cost`.
//!
//! The least of seven rounds is printed. CPU time is that of this one thread, as the kernel counts it (Linux).

use std::{
    fs,
    hint::black_box,
    time::{Duration, Instant},
};

use entente_seal::{
    Epoch, Identity, Recipient, Sealed, SigningKey, WrapKey, open, open_with, seal,
};

const ROUNDS: u32 = 7;
const ROUND: Duration = Duration::from_millis(150);
const BODY_BYTES: usize = 2048;

fn main() {
    let identity = Identity::from_seed(&[7; 32]);
    let recipient = identity.recipient();
    let text = recipient.to_string();
    let body = vec![42; BODY_BYTES];
    let sealed = seal(&recipient, &body);
    println!(
        "{:9}     bytes of a sealed body of {BODY_BYTES}",
        sealed.bytes.len()
    );
    measure("seal", || seal(&recipient, &body));
    measure("open", || open(&identity, &sealed.bytes, 1 << 20));
    measure("open with its file key", || {
        open_with(&sealed.file_key, &sealed.bytes)
    });
    measure("message id", || sealed.message_id());
    measure("recipient read and tried", || text.parse::<Recipient>());
    measure("identity from its seed", || Identity::from_seed(&[7; 32]));
    wraps_and_signatures(&sealed);
}

fn wraps_and_signatures(sealed: &Sealed) {
    let (wrap_key, message) = (WrapKey::from_seed(Epoch(1), &[1; 32]), sealed.message_id());
    let wrapped = wrap_key.wrap(&sealed.file_key, &message);
    measure("wrap", || wrap_key.wrap(&sealed.file_key, &message));
    measure("unwrap", || wrap_key.unwrap(&wrapped, &message));
    let key = SigningKey::from_seeds(&[1; 32], &[2; 32]);
    measure("sign with Ed25519", || key.sign_ed25519(b"a head of a log"));
    measure("sign with ML-DSA-44", || {
        key.sign_mldsa44(b"a head of a log")
    });
}

fn measure<T>(name: &str, mut operation: impl FnMut() -> T) {
    let best = (0..ROUNDS)
        .map(|_| round(&mut operation))
        .fold(f64::MAX, f64::min);
    println!("{best:9.1} µs  {name}");
}

fn round<T>(operation: &mut impl FnMut() -> T) -> f64 {
    let (start, spent) = (Instant::now(), cpu_time());
    let mut operations = 0;
    while start.elapsed() < ROUND {
        for _ in 0..20 {
            black_box(operation());
        }
        operations += 20;
    }
    (cpu_time() - spent).as_secs_f64() * 1e6 / f64::from(operations)
}

/// The first field of the kernel's account of this thread: nanoseconds on a core.
fn cpu_time() -> Duration {
    let account = fs::read_to_string("/proc/self/schedstat").expect("Linux keeps this account");
    let nanoseconds = account
        .split(' ')
        .next()
        .and_then(|field| field.parse().ok());
    Duration::from_nanos(nanoseconds.expect("a number of nanoseconds"))
}
