//! Handshakes that are none: cut, altered, too long, in the wrong order, in other languages. None stops the node.
//!
//! The seed is printed and taken from `ENTENTE_SEED`; the same seed tries the same.

use std::{io, sync::Arc};

use entente_node::{
    chance::{Chance, Draw},
    peer::{budget::Limits, tls},
};
use rustls::{ClientConnection, pki_types::ServerName};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::{
    connections::{faced, secured, serves, still_there},
    partner::Partner,
};

const HANDSHAKE: u8 = 22;
const ALERT: u8 = 21;
const CHANGE_CIPHER_SPEC: u8 = 20;
const APPLICATION: u8 = 23;

/// Record after record, as RFC 8446 section 5.1 writes them.
fn record(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap().to_be_bytes();
    [&[kind, 3, 3], &length[..], content].concat()
}

/// What a partner's client would say first, without its record.
fn hello(partner: &Partner) -> Vec<u8> {
    let config = tls::client(partner.keys.transport(), partner.node().transport().pin()).unwrap();
    let name = ServerName::try_from("entente.invalid").unwrap();
    let mut client = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut said = Vec::new();
    while client.wants_write() {
        client.write_tls(&mut said).unwrap();
    }
    assert_eq!(said[0], HANDSHAKE);
    said.split_off(5)
}

/// A hello in which these bytes stand in the place of others of the same length.
fn altered(hello: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = hello.windows(from.len()).position(|window| window == from);
    let mut altered = hello.to_vec();
    altered[at.unwrap()..][..to.len()].copy_from_slice(to);
    altered
}

/// Says all of it, then that it says no more, and hears the node out.
async fn said(address: &str, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let heard: io::Result<Vec<u8>> = async {
        stream.write_all(bytes).await?;
        stream.shutdown().await?;
        let mut heard = Vec::new();
        stream.read_to_end(&mut heard).await?;
        Ok(heard)
    }
    .await;
    // A node that closes before it has read everything resets the connection: also an answer.
    heard.unwrap_or_default()
}

/// At most one alert, and nothing of ours.
fn turned_away(heard: &[u8], what: &str) {
    let alert = heard.len() == 7 && heard[0] == ALERT;
    assert!(heard.is_empty() || alert, "{what}: {heard:02x?}");
}

fn seed() -> u64 {
    let set = std::env::var("ENTENTE_SEED").ok();
    let seed = set.and_then(|text| text.parse().ok()).unwrap_or(430);
    println!("seed {seed}");
    seed
}

/// A number below `below`, two draws of three digits.
fn below(chance: &Chance, below: usize) -> usize {
    let draw = || usize::from(chance.per_mille(Draw::Wait));
    (draw() * 1000 + draw()) % below.max(1)
}

#[test]
fn what_is_no_hello_is_turned_away_and_the_node_serves_on() {
    faced(430, Limits::default(), |mut partner, address| async move {
        let hello = hello(&partner);
        let whole = record(HANDSHAKE, &hello);
        let (first, second) = hello.split_at(hello.len() / 2);
        let (first, second) = (record(HANDSHAKE, first), record(HANDSHAKE, second));
        let warning = record(ALERT, &[1, 90]);
        let change = record(CHANGE_CIPHER_SPEC, &[1]);
        let mut too_long = vec![HANDSHAKE, 3, 3, 0xff, 0xff];
        too_long.resize(5 + 0xffff, 0);
        let mut endless = vec![1, 0xff, 0xff, 0xff];
        endless.resize(16_000, 0);
        let tries: Vec<(&str, Vec<u8>)> = vec![
            ("nothing", vec![]),
            ("one byte", vec![HANDSHAKE]),
            ("a head without content", vec![HANDSHAKE, 3, 3, 2, 0]),
            ("half a hello", first.clone()),
            ("an empty record", record(HANDSHAKE, &[])),
            ("a record of the largest length", too_long),
            (
                "a hello of sixteen megabytes",
                record(HANDSHAKE, &endless).repeat(64),
            ),
            ("a finished first", record(HANDSHAKE, &[20, 0, 0, 32])),
            ("content first", record(APPLICATION, &[0; 512])),
            (
                "the halves the other way round",
                [second.clone(), first.clone()].concat(),
            ),
            (
                "an alert between the halves",
                [first.clone(), warning.clone(), second].concat(),
            ),
            (
                "content between the halves",
                [first, record(APPLICATION, &hello), vec![]].concat(),
            ),
            ("four thousand alerts", warning.repeat(4000)),
            ("four thousand changes of the cipher", change.repeat(4000)),
            ("records of no kind", record(99, &hello)),
            (
                "a request in the clear",
                b"GET /entente/v1/mirror HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
            ),
            ("another protocol", b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()),
            (
                "a hello of SSL 2",
                vec![0x80, 0x2e, 1, 0, 2, 0, 0x15, 0, 0, 0, 0x10],
            ),
            ("zeros", vec![0; 100_000]),
            // Versions TLS 1.2 and 1.0 alone; the group X25519 alone, by a name that is none for the share that follows.
            (
                "TLS 1.2",
                record(
                    HANDSHAKE,
                    &altered(&hello, &[0, 43, 0, 3, 2, 3, 4], &[0, 43, 0, 3, 2, 3, 3]),
                ),
            ),
            (
                "TLS 1.0",
                record(
                    HANDSHAKE,
                    &altered(&hello, &[0, 43, 0, 3, 2, 3, 4], &[0, 43, 0, 3, 2, 3, 1]),
                ),
            ),
            (
                "a classical group",
                record(
                    HANDSHAKE,
                    &altered(
                        &hello,
                        &[0, 10, 0, 4, 0, 2, 0x11, 0xec],
                        &[0, 10, 0, 4, 0, 2, 0, 29],
                    ),
                ),
            ),
        ];
        for (what, bytes) in &tries {
            turned_away(&said(&address, bytes).await, what);
            still_there(&partner, &address).await;
        }
        // Whole, it is answered; twice, or followed by a record that may not follow, it comes to nothing.
        assert_eq!(said(&address, &whole).await[0], HANDSHAKE);
        for then in [
            &whole,
            &change.repeat(100),
            &warning.repeat(4000),
            &record(APPLICATION, &[7; 4096]),
        ] {
            said(&address, &[whole.clone(), then.clone()].concat()).await;
            still_there(&partner, &address).await;
        }
        serves(&mut partner, &address).await;
    });
}

#[test]
fn hellos_that_are_cut_anywhere_and_altered_anywhere_stop_no_node() {
    let seed = seed();
    faced(431, Limits::default(), |mut partner, address| async move {
        let chance = Chance::seeded(seed);
        for attempt in 0..300 {
            let mut whole = record(HANDSHAKE, &hello(&partner));
            match attempt % 3 {
                0 => whole.truncate(below(&chance, whole.len())),
                1 => {
                    for _ in 0..=below(&chance, 4) {
                        let (at, bit) = (below(&chance, whole.len()), below(&chance, 8));
                        whole[at] ^= 1 << bit;
                    }
                }
                // Cut into records at any place, with something between them.
                _ => {
                    let at = 5 + below(&chance, whole.len() - 5);
                    let between = [ALERT, CHANGE_CIPHER_SPEC, APPLICATION, 0][below(&chance, 4)];
                    let pieces = [
                        record(HANDSHAKE, &whole[5..at]),
                        record(between, &vec![1; 1 + below(&chance, 300)]),
                        record(HANDSHAKE, &whole[at..]),
                    ];
                    whole = pieces.concat();
                }
            }
            said(&address, &whole).await;
            if attempt % 10 == 0 {
                still_there(&partner, &address).await;
            }
        }
        serves(&mut partner, &address).await;
    });
}

#[test]
fn who_falls_silent_within_a_hello_and_who_speaks_in_the_clear_after_it_keeps_nobody_out() {
    faced(432, Limits::default(), |mut partner, address| async move {
        let whole = record(HANDSHAKE, &hello(&partner));
        let mut silent = Vec::new();
        for at in 0..200 {
            let mut stream = TcpStream::connect(&address).await.unwrap();
            stream
                .write_all(&whole[..whole.len() * at / 200])
                .await
                .unwrap();
            silent.push(stream);
        }
        still_there(&partner, &address).await;
        // After its own handshake the partner's client speaks in the clear, and in records that nobody sealed.
        let sealed_by_nobody = record(APPLICATION, &[0x5a; 2000]);
        for bytes in [
            &b"GET / HTTP/1.1\r\n\r\n"[..],
            &sealed_by_nobody,
            &record(ALERT, &[2, 0]).repeat(2000),
        ] {
            let (mut stream, _) = secured(&partner, &address).await.into_inner();
            let _ = stream.write_all(bytes).await;
            let _ = stream.shutdown().await;
            let _ = stream.read_to_end(&mut Vec::new()).await;
            still_there(&partner, &address).await;
        }
        serves(&mut partner, &address).await;
        drop(silent);
    });
}
