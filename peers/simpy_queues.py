"""Queues on SimPy: `simpy_queues.py QUEUES CUSTOMERS` prints version, processor time, mean wait and customers.

Customers and sources are processes, the servers of a queue one resource, as in SimPy's example "Bank Renege".
"""

import random
import resource
import sys

import simpy

SERVERS = 4
ARRIVAL_RATE = 3.6


class Waits:
    total = 0.0
    customers = 0


def customer(environment, servers):
    came = environment.now
    with servers.request() as turn:
        yield turn
        Waits.total += environment.now - came
        Waits.customers += 1
        yield environment.timeout(random.expovariate(1.0))


def served_from_the_start(environment, servers):
    with servers.request() as turn:
        yield turn
        yield environment.timeout(random.expovariate(1.0))


def source(environment, servers, customers):
    for _ in range(customers):
        yield environment.timeout(random.expovariate(ARRIVAL_RATE))
        environment.process(customer(environment, servers))


def main():
    queues, customers = map(int, sys.argv[1:])
    random.seed(1)
    environment = simpy.Environment()
    for _ in range(queues):
        servers = simpy.Resource(environment, capacity=SERVERS)
        for _ in range(SERVERS):
            environment.process(served_from_the_start(environment, servers))
        environment.process(source(environment, servers, customers))
    start = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    environment.run()
    user_s = resource.getrusage(resource.RUSAGE_SELF).ru_utime - start
    print(simpy.__version__, user_s, Waits.total / Waits.customers, Waits.customers)


main()
