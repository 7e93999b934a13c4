//! It answers with more than a parcel may hold.

use std::sync::Arc;

use entente_node::{
    peer::{
        client::{CallFault, Caller},
        parcel::PARCEL_MAX_BYTES,
        tls,
    },
    post::Dispatch,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    acts::{self, Ends},
    world::{World, shipped},
};

/// Takes one request and answers it with spaces until the caller has enough; how many bytes were taken off its hands.
async fn answers_without_end(listener: TcpListener, acceptor: TlsAcceptor) -> usize {
    let (stream, _) = listener.accept().await.unwrap();
    let mut stream = acceptor.accept(stream).await.unwrap();
    assert!(stream.read(&mut [0; 4096]).await.unwrap() > 0);
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
    stream.write_all(head).await.unwrap();
    let (spaces, mut taken) = (vec![b' '; 64 * 1024], 0);
    while taken < 64 * PARCEL_MAX_BYTES {
        if stream.write_all(&spaces).await.is_err() {
            break;
        }
        taken += spaces.len();
    }
    taken
}

/// What became of a parcel of the first side, and how much of the answer it read.
fn handed_over(world: &World, dispatch: &Dispatch) -> (CallFault, usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let config = tls::server(world.node(1)).unwrap();
        let answers = answers_without_end(listener, TlsAcceptor::from(Arc::new(config)));
        let answers = tokio::spawn(answers);
        let config = tls::calling(world.node(0), &world.sides[0].link()).unwrap();
        let caller = Caller::new(Some(address), config);
        let answer = caller.parcel(&dispatch.parcel, dispatch.lane).await;
        (answer.unwrap_err(), answers.await.unwrap())
    })
}

#[test]
fn an_answer_that_is_too_long_is_not_read_to_its_end_and_nothing_is_lost() {
    let world = World::new(&shipped(), 610);
    let link = world.sides[0].link();
    let draft = world.draft(&acts::request(Ends::of(0), "BE-2026-000417"));
    world
        .node(0)
        .release(&link, "officer_1", draft, None)
        .unwrap();
    let dispatch = world.dispatch(0);
    world.node(0).handed(&link, &dispatch.first).unwrap();
    let (fault, taken) = handed_over(&world, &dispatch);
    assert!(matches!(fault, CallFault::BrokenOff(_)), "{fault:?}");
    assert!(taken < 2 * PARCEL_MAX_BYTES, "{taken} bytes were read");
    let node = world.node(0);
    node.not_delivered(&link, &dispatch, &fault).unwrap();
    let waiting = node.store.outbox(link.id, None, 1).unwrap().remove(0);
    assert_eq!((waiting.attempts, waiting.received_at), (1, None));
    // Tried again when its wait is over, it arrives, and stands there once.
    let next = node.clock.now() + jiff::SignedDuration::from_hours(1);
    for side in 0..2 {
        world.node(side).clock.drive(next).unwrap();
    }
    world.hand_over(0);
    let settled = node.store.outbox(link.id, None, 1).unwrap().remove(0);
    assert!(settled.received_at.is_some());
    let theirs = world.sides[1].link();
    let inbox = world.node(1).store.inbox(theirs.id, None, 10).unwrap();
    assert_eq!(inbox.len(), 1);
}
