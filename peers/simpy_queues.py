"""The same M/M/4 queues on SimPy: million events a second, the best of three runs. One line a number of queues."""

import random
import time

import simpy

ARRIVAL_RATE = 3.6


def customer(environment, servers):
    with servers.request() as turn:
        yield turn
        yield environment.timeout(random.expovariate(1.0))


def arrivals(environment, servers):
    while True:
        yield environment.timeout(random.expovariate(ARRIVAL_RATE))
        environment.process(customer(environment, servers))


def customers_a_second(count, until):
    random.seed(1)
    environment = simpy.Environment()
    for _ in range(count):
        environment.process(arrivals(environment, simpy.Resource(environment, capacity=4)))
    start = time.perf_counter()
    environment.run(until=until)
    return count * until * ARRIVAL_RATE / (time.perf_counter() - start)


for count, until in [(1, 30_000), (1_000, 30)]:
    # A customer is two events in the other programs: one arrival, one departure.
    best = max(customers_a_second(count, until) for _ in range(3)) * 2 / 1e6
    print(f"SimPy {simpy.__version__},{count},{best:.2f}")
