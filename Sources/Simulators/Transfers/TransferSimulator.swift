/// Transfers between made-up accounts of one bank, with money mules among them.
///
/// A mule's account, often a new one, takes the money of people who were cheated and passes nearly all of it on within hours.
/// Honest money moves alike: salaries leave as rent on the day they come, and friends collect for a present and buy it. The
/// number of mules grows with the accounts, that of their jobs also with the days.
package struct TransferSimulator {
  private let accounts: Int
  private let days: Int
  private let seed: UInt64

  package static let most = 1_000_000
  package static let mostDays = 3650
  /// Accounts times days: all bookings, some four of each account in five days, are held until the last one is known.
  package static let mostAccountDays = 20_000_000

  /// - Parameters: each 1 or more, and at most `most` and `mostDays`, their product at most `mostAccountDays`.
  package init(accounts: Int, days: Int, seed: UInt64) {
    precondition(1...Self.most ~= accounts && 1...Self.mostDays ~= days && accounts * days <= Self.mostAccountDays)
    self.accounts = accounts
    self.days = days
    self.seed = seed
  }

  /// Both bookings of all transfers, by time; what one account pays stands before what the other gets.
  package func bookings() -> [Booking] {
    let holders = (0..<accounts).map { account in
      var random = RandomNumbers(seed: seed, purpose: .holder, index: account)
      return Holder(&random, account, of: accounts)
    }
    return transfers(holders).enumerated().flatMap { index, transfer in
      let roles = Booking.roles(of: transfer.part)
      return [
        (transfer.sender, transfer.receiver, true, roles.sender),
        (transfer.receiver, transfer.sender, false, roles.receiver),
      ]
      .map { account, counterparty, isOutgoing, role in
        Booking(
          time: transfer.time,
          transfer: Int32(index),
          account: account,
          opened: holders[Int(account)].opened,
          counterparty: counterparty,
          isOutgoing: isOutgoing,
          cents: transfer.cents,
          role: role
        )
      }
    }
  }

  private func transfers(_ holders: [Holder]) -> [Transfer] {
    var transfers: [Transfer] = []
    for (account, holder) in holders.enumerated() where [.person, .mule].contains(holder.kind) {
      var random = RandomNumbers(seed: seed, purpose: .transfers, index: account)
      for day in 0..<days { appendDay(day, account, holder, &random, to: &transfers) }
    }
    let mules = MuleJobs(holders, seed: seed)
    for day in 0..<days {
      appendCollections(day, holders, to: &transfers)
      mules.appendDay(day, to: &transfers)
    }
    transfers.removeAll { $0.time >= Int64(days * SimulatedTime.day) || $0.sender == $0.receiver }
    transfers.sort { ($0.time, $0.sender, $0.receiver, $0.cents) < ($1.time, $1.sender, $1.receiver, $1.cents) }
    return transfers
  }

  /// Salary, rent, shopping, and something for friends.
  private func appendDay(
    _ day: Int,
    _ account: Int,
    _ holder: Holder,
    _ random: inout RandomNumbers,
    to transfers: inout [Transfer]
  ) {
    func pay(_ sender: Int, _ receiver: Int, _ amount: Double, at second: Int) {
      transfers.append(
        Transfer(
          time: Int64(day * SimulatedTime.day + second),
          sender: Int32(sender),
          receiver: Int32(receiver),
          cents: Int64((amount * 100).rounded()),
          part: nil
        )
      )
    }
    // A mule lives on something else.
    if holder.kind == .person {
      if day % 30 == holder.payDay {
        pay(holder.employer, account, holder.salary, at: 5 * SimulatedTime.hour + account % 1800)
      }
      if day % 30 == (holder.payDay + (holder.paysAtOnce ? 0 : 2)) % 30 {
        pay(account, holder.landlord, (holder.salary * 0.35).rounded(), at: 9 * SimulatedTime.hour + account % 3600)
      }
    }
    for _ in 0..<random.poisson(mean: holder.paymentsPerDay) {
      let time = random.integer(in: 7 * SimulatedTime.hour...22 * SimulatedTime.hour)
      let isFriend = random.chance(0.25) && !holder.friends.isEmpty
      let receiver = isFriend ? random.element(of: holder.friends) : random.element(of: holder.shops)
      pay(account, receiver, 5 + 120 * random.unit() * random.unit(), at: time)
    }
  }

  /// Friends give one of them money for a present, a trip or the rent of a shared flat, who pays it the same day.
  private func appendCollections(_ day: Int, _ holders: [Holder], to transfers: inout [Transfer]) {
    var random = RandomNumbers(seed: seed, purpose: .collections, index: day)
    for account in random.sample(SimulatedTime.count(on: day, Double(accounts) / 300), below: accounts) {
      var time = Int64(day * SimulatedTime.day + random.integer(in: 8 * SimulatedTime.hour...16 * SimulatedTime.hour))
      let share = Int64(random.integer(in: 20...250)) * 100
      var total: Int64 = 0
      for friend in random.sample(random.integer(in: 2...6), below: accounts) {
        time += Int64(random.integer(in: SimulatedTime.minute...40 * SimulatedTime.minute))
        total += share
        transfers.append(
          Transfer(time: time, sender: Int32(friend), receiver: Int32(account), cents: share, part: nil)
        )
      }
      time += Int64(random.integer(in: 10 * SimulatedTime.minute...4 * SimulatedTime.hour))
      let seller = random.index(below: Holder.businesses(of: accounts))
      transfers.append(
        Transfer(time: time, sender: Int32(account), receiver: Int32(seller), cents: total + share, part: nil)
      )
    }
  }
}
