/// A place in the square of 100 by 100 in which everything happens.
struct Place {
  let x: Double
  let y: Double

  init(_ random: inout RandomNumbers) {
    x = random.uniform(0, 100)
    y = random.uniform(0, 100)
  }

  func isNear(_ other: Place, within radius: Double) -> Bool {
    let (dx, dy) = (x - other.x, y - other.y)
    return dx * dx + dy * dy < radius * radius
  }
}

/// A customer's habits.
struct CustomerProfile {
  let place: Place
  let meanAmount: Double
  let deviation: Double
  let transactionsPerDay: Double
  /// Terminals near enough to be used.
  let terminals: [Int32]

  init(_ random: inout RandomNumbers, _ map: TerminalMap) {
    place = Place(&random)
    meanAmount = random.uniform(5, 100)
    deviation = meanAmount / 2
    transactionsPerDay = random.uniform(0, 4)
    terminals = map.terminals(near: place)
  }
}

/// Where the terminals are, in squares as wide as customers reach.
struct TerminalMap {
  /// How far customers reach.
  static let radius = 5.0
  private static let squares = 20

  let places: [Place]
  private var members: [[Int32]]

  init(terminals: Int, seed: UInt64) {
    places = (0..<terminals).map { index in
      var random = RandomNumbers(seed: seed, purpose: .terminal, index: index)
      return Place(&random)
    }
    members = Array(repeating: [], count: Self.squares * Self.squares)
    for (index, place) in places.enumerated() {
      members[Self.square(place.x) * Self.squares + Self.square(place.y)].append(Int32(index))
    }
  }

  /// In the order of their numbers.
  func terminals(near place: Place) -> [Int32] {
    var near: [Int32] = []
    let (column, row) = (Self.square(place.x), Self.square(place.y))
    for x in max(column - 1, 0)...min(column + 1, Self.squares - 1) {
      for y in max(row - 1, 0)...min(row + 1, Self.squares - 1) {
        near += members[x * Self.squares + y].filter { places[Int($0)].isNear(place, within: Self.radius) }
      }
    }
    return near.sorted()
  }

  private static func square(_ coordinate: Double) -> Int { min(Int(coordinate / radius), squares - 1) }
}
