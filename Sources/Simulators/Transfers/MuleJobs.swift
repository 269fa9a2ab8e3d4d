/// What mules are hired for: to take the money of people who were cheated, and to pass it on.
struct MuleJobs {
  private let accounts: Int
  private let mules: [Int32]
  private let collectors: [Int32]
  private let seed: UInt64

  private static let jobsPerMuleDay = 1 / 10.0

  init(_ holders: [Holder], seed: UInt64) {
    let of = { (kind: Holder.Kind) in holders.indices.filter { holders[$0].kind == kind }.map { Int32($0) } }
    accounts = holders.count
    mules = of(.mule)
    collectors = of(.collector)
    self.seed = seed
  }

  /// The jobs that begin on `day`.
  func appendDay(_ day: Int, to transfers: inout [Transfer]) {
    guard !mules.isEmpty, !collectors.isEmpty else { return }
    var random = RandomNumbers(seed: seed, purpose: .mules, index: day)
    let count = SimulatedTime.count(on: day, Double(mules.count) * Self.jobsPerMuleDay)
    for place in random.sample(count, below: mules.count) { appendJob(day, mules[place], &random, to: &transfers) }
  }

  private func appendJob(_ day: Int, _ mule: Int32, _ random: inout RandomNumbers, to transfers: inout [Transfer]) {
    var time = Int64(day * SimulatedTime.day + random.integer(in: 6 * SimulatedTime.hour...16 * SimulatedTime.hour))
    var total: Int64 = 0
    for victim in random.sample(random.integer(in: 1...5), below: accounts) where victim != mule {
      let cents = Int64(random.integer(in: 150_00...2500_00))
      transfers.append(Transfer(time: time, sender: Int32(victim), receiver: mule, cents: cents, part: .loss))
      total += cents
      time += Int64(random.integer(in: 5 * SimulatedTime.minute...90 * SimulatedTime.minute))
    }
    guard total > 0 else { return }
    // One in five lets the money lie for a day.
    if random.chance(0.2) { time += Int64(random.integer(in: 18...36) * SimulatedTime.hour) }
    // One in three pays another mule, who pays whoever hired them.
    let other = random.element(of: mules)
    if random.chance(0.33), other != mule {
      let passed = passOn(total, from: mule, to: [other], .layer, &time, &random, to: &transfers)
      _ = passOn(passed, from: other, to: collectors, .collection, &time, &random, to: &transfers)
    } else {
      _ = passOn(total, from: mule, to: collectors, .collection, &time, &random, to: &transfers)
    }
  }

  /// Passes nearly all of `total` on in one to four payments, and gives how much that was.
  private func passOn(
    _ total: Int64,
    from mule: Int32,
    to receivers: [Int32],
    _ part: Transfer.Part,
    _ time: inout Int64,
    _ random: inout RandomNumbers,
    to transfers: inout [Transfer]
  ) -> Int64 {
    let payments = Int64(random.integer(in: 1...4))
    // What a mule keeps, and no cents.
    let each = Int64(Double(total) * random.uniform(0.86, 0.98)) / payments / 100 * 100
    for _ in 0..<payments {
      time += Int64(random.integer(in: 4 * SimulatedTime.minute...70 * SimulatedTime.minute))
      let receiver = random.element(of: receivers)
      transfers.append(Transfer(time: time, sender: mule, receiver: receiver, cents: each, part: part))
    }
    return each * payments
  }
}
