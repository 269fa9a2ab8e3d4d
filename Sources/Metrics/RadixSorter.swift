/// Sorts numbers byte by byte, the lowest first: each pass is stable, so it keeps what those before it have ordered.
struct RadixSorter {
  /// Where a pass writes; its memory is used again from one to the next.
  private var spare: [UInt64] = []

  mutating func sort(_ numbers: inout [UInt64]) {
    guard let first = numbers.first else { return }
    let differing = numbers.reduce(0) { $0 | ($1 ^ first) }
    spare.removeAll(keepingCapacity: true)
    spare.append(contentsOf: repeatElement(0, count: numbers.count))
    // A byte in which all are alike orders nothing.
    for shift in stride(from: 0, to: 64, by: 8) as StrideTo<UInt64> where differing >> shift & 0xFF != 0 {
      var target = spare.mutableSpan
      Self.distribute(numbers.span, byByteAt: shift, into: &target)
      swap(&numbers, &spare)
    }
  }

  private static func distribute(
    _ numbers: Span<UInt64>,
    byByteAt shift: UInt64,
    into target: inout MutableSpan<UInt64>
  ) {
    var places = InlineArray<256, Int>(repeating: 0)
    for index in numbers.indices { places[Int(numbers[index] &>> shift & 0xFF)] &+= 1 }
    var place = 0
    for byte in places.indices {
      let count = places[byte]
      places[byte] = place
      place &+= count
    }
    for index in numbers.indices {
      let number = numbers[index]
      let byte = Int(number &>> shift & 0xFF)
      target[places[byte]] = number
      places[byte] &+= 1
    }
  }
}
