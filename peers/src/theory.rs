//! The mean wait that every engine has to find.

use crate::queue::{ARRIVAL_RATE, SERVERS};

/// More customers than this are never in a queue: the chance is below 1e-12.
const MOST: usize = 300;

/// Expected mean wait in seconds of the first so many customers of a queue that starts with its four servers busy and
/// nobody in line.
///
/// Who finds n customers waits for n − 3 services to end, which come at a rate of 4: (n − 3)/4. The number found is a
/// Markov chain: with n customers, the next event is a departure with probability min(n, 4)/(3.6 + min(n, 4)).
pub fn mean_wait_s(customers: u32) -> f64 {
    let departs = |n: usize| {
        let rate = n.min(SERVERS as usize) as f64;
        rate / (ARRIVAL_RATE + rate)
    };
    let wait_s = |n: usize| n.saturating_sub(SERVERS as usize - 1) as f64 / f64::from(SERVERS);
    let mut present = vec![0.0; MOST + 1];
    present[SERVERS as usize] = 1.0;
    let mut sum_s = 0.0;
    for number in 0..customers {
        // From the customers present after an arrival to those that the next one finds.
        for n in (1..=MOST).rev() {
            let gone = present[n] * departs(n);
            present[n - 1] += gone;
            present[n] -= gone;
        }
        let expected_s: f64 = present.iter().enumerate().map(|(n, probability)| probability * wait_s(n)).sum();
        sum_s += expected_s;
        // By then the chain has forgotten its start.
        if number == 100_000 {
            sum_s += expected_s * f64::from(customers - number - 1);
            break;
        }
        present.rotate_right(1);
        present[0] = 0.0;
    }
    sum_s / f64::from(customers)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Erlang's C formula: C(4, 3.6)/(4 − 3.6), C = (3.6⁴/4!/0.1) / (Σ_{k<4} 3.6^k/k! + 3.6⁴/4!/0.1) = 69.984/88.840 =
    /// 0.78775 (Σ = 1 + 3.6 + 6.48 + 7.776 = 18.856), so 1.96938 s.
    #[test]
    fn long_runs_have_the_wait_of_erlang_c() {
        assert!((mean_wait_s(u32::MAX) - 1.969_38).abs() < 2e-4, "{}", mean_wait_s(u32::MAX));
    }

    /// The first customer waits if the four in service are still there: probability 3.6/7.6 = 0.473684, and then for a
    /// quarter of a second.
    #[test]
    fn first_customer_meets_the_start() {
        assert!((mean_wait_s(1) - 0.473_684_2 / 4.0).abs() < 1e-7);
    }
}
