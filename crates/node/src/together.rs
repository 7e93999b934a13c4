//! Group commit: who waits is served together, by whoever has the turn.

use std::sync::{Arc, Mutex, PoisonError};

/// What waits to be done, each with the place where its answer will lie.
pub struct Queue<T, R> {
    waiting: Mutex<Vec<Waiting<T, R>>>,
}

struct Waiting<T, R> {
    what: T,
    place: Place<R>,
}

type Place<R> = Arc<Mutex<Option<R>>>;

impl<T, R> Default for Queue<T, R> {
    fn default() -> Self {
        Self {
            waiting: Mutex::default(),
        }
    }
}

impl<T, R: Clone> Queue<T, R> {
    /// Has `what` done: by us, together with all that waits, or by another who had the turn before us and took it along.
    ///
    /// `turn` waits for the turn; `work` does all that waits and answers in the same order. If either fails, so does
    /// everything that it should have served; what fails is never done later.
    pub fn serve<G, E>(
        &self,
        what: T,
        turn: impl FnOnce() -> Result<G, E>,
        work: impl FnOnce(&mut G, Vec<T>) -> Result<Vec<R>, E>,
        failed: impl Fn(&E) -> R,
    ) -> R {
        let place = self.put(what);
        let mut turn = turn();
        // Another may have served us while we waited for the turn.
        if let Some(answer) = take(&place) {
            return answer;
        }
        let (all, places): (Vec<T>, Vec<Place<R>>) = self.take_all().into_iter().unzip();
        let all_failed = |fault: &E| places.iter().map(|_| failed(fault)).collect();
        let answers: Vec<R> = match &mut turn {
            Ok(turn) => work(turn, all).unwrap_or_else(|fault| all_failed(&fault)),
            Err(fault) => all_failed(fault),
        };
        // INVARIANT: the turn is held until every answer lies in its place; else the next would find neither an answer nor
        // what it had put.
        for (place, answer) in places.iter().zip(answers) {
            *place.lock().unwrap_or_else(PoisonError::into_inner) = Some(answer);
        }
        drop(turn);
        // INVARIANT: we are among those we served, since we were waiting when we took all.
        take(&place).expect("who serves all that wait is among them")
    }

    fn put(&self, what: T) -> Place<R> {
        let place = Place::default();
        let waiting = Waiting {
            what,
            place: Arc::clone(&place),
        };
        self.lock().push(waiting);
        place
    }

    fn take_all(&self) -> Vec<(T, Place<R>)> {
        let all = std::mem::take(&mut *self.lock());
        all.into_iter().map(|one| (one.what, one.place)).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Waiting<T, R>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take<R>(place: &Place<R>) -> Option<R> {
    place.lock().unwrap_or_else(PoisonError::into_inner).take()
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        thread,
    };

    use super::*;

    #[test]
    fn everyone_gets_the_own_answer_and_few_turns_serve_many() {
        let (queue, door, turns) = (Queue::default(), Mutex::new(()), AtomicUsize::new(0));
        thread::scope(|scope| {
            for number in 0..64_u32 {
                let (queue, door, turns) = (&queue, &door, &turns);
                scope.spawn(move || {
                    let answer = queue.serve(
                        number,
                        || Ok::<_, ()>(door.lock().unwrap()),
                        |_, all: Vec<u32>| {
                            turns.fetch_add(1, Ordering::Relaxed);
                            thread::sleep(std::time::Duration::from_millis(2));
                            Ok(all.into_iter().map(|n| n * 2).collect())
                        },
                        |()| 0,
                    );
                    assert_eq!(answer, number * 2);
                });
            }
        });
        assert!(turns.load(Ordering::Relaxed) < 64);
    }

    /// A turn whose next holder comes while the last one still lingers.
    struct Lingering<'a>(Option<std::sync::MutexGuard<'a, ()>>);

    impl Drop for Lingering<'_> {
        fn drop(&mut self) {
            self.0 = None;
            thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    #[test]
    fn whoever_has_the_next_turn_finds_its_answer() {
        let (queue, door) = (Queue::default(), Mutex::new(()));
        thread::scope(|scope| {
            for number in 0..16_u32 {
                let (queue, door) = (&queue, &door);
                scope.spawn(move || {
                    let turn = || Ok::<_, ()>(Lingering(Some(door.lock().unwrap())));
                    let work = |_: &mut Lingering<'_>, all| {
                        thread::sleep(std::time::Duration::from_millis(2));
                        Ok(all)
                    };
                    assert_eq!(queue.serve(number, turn, work, |()| 0), number);
                });
            }
        });
    }

    #[test]
    fn what_fails_is_not_done_later() {
        let queue: Queue<u32, Result<u32, ()>> = Queue::default();
        let failed = queue.serve(1, || Err::<(), _>(()), |_, _| Ok(vec![]), |()| Err(()));
        assert_eq!(failed, Err(()));
        let all = |_: &mut (), all: Vec<u32>| Ok::<_, ()>(all.into_iter().map(Ok).collect());
        assert_eq!(queue.serve(2, || Ok(()), all, |()| Err(())), Ok(2));
    }
}
