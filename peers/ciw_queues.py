"""Queues on Ciw: `ciw_queues.py QUEUES CUSTOMERS` prints version, processor time, mean wait and customers.

A network of nodes that customers leave after service, as in the first tutorial of Ciw's documentation.
"""

import resource
import sys

import ciw

SERVERS = 4
ARRIVAL_RATE = 3.6


class Arrivals(ciw.dists.Exponential):
    """Those in service at the start, then so many customers."""

    def __init__(self, customers):
        super().__init__(rate=ARRIVAL_RATE)
        self.customers = customers
        self.drawn = 0

    def sample(self, t=None, ind=None):
        self.drawn += 1
        if self.drawn <= SERVERS:
            return 0.0
        return super().sample() if self.drawn <= SERVERS + self.customers else float("inf")


def main():
    queues, customers = map(int, sys.argv[1:])
    network = ciw.create_network(
        arrival_distributions=[Arrivals(customers) for _ in range(queues)],
        service_distributions=[ciw.dists.Exponential(rate=1.0) for _ in range(queues)],
        number_of_servers=[SERVERS] * queues,
        routing=ciw.routing.NetworkRouting(routers=[ciw.routing.Leave() for _ in range(queues)]),
    )
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    start = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    simulation.simulate_until_max_customers(queues * (SERVERS + customers))
    user_s = resource.getrusage(resource.RUSAGE_SELF).ru_utime - start
    waits = [record.waiting_time for record in simulation.get_all_records() if record.arrival_date > 0.0]
    print(ciw.__version__, user_s, sum(waits) / len(waits), len(waits))


main()
