internal import Foundation

/// A million keys, each seen once at the same moment, and then rows of keys at random, one each second of event time.
struct ManyKeys {
  let keys: Int
  let laterRows: Int

  private static let piece = 1 << 20

  func file(_ bench: Workbench) throws -> URL {
    try bench.data("keys-\(keys)-\(laterRows).csv", make: write)
  }

  /// A pipeline of one keyed stage on it, which writes the numbers of its rows.
  func pipeline(_ bench: Workbench) throws -> String {
    let text = """
      pipeline: many-keys
      stages:
        rows:
          source:
            csv: \(Workload.quoted(try file(bench)))
            time: time
            columns: { row: int64, time: timestamp, key: int64, amount: decimal(2) }
        keyed:
          from: rows
          window:
            key: key
            features:
              count_30d: count over 30d
              mean_30d: mean(amount) over 30d
        out:
          from: keyed
          sink: { stdout: csv, columns: [row] }
      """
    let file = bench.folder.appending(path: "many-keys.yaml")
    try text.write(to: file, atomically: false, encoding: .utf8)
    return file.path
  }

  private func write(to target: URL) throws {
    guard FileManager.default.createFile(atPath: target.path, contents: nil) else {
      throw BenchmarkFailure("cannot write \(target.path)")
    }
    let file = try FileHandle(forWritingTo: target)
    var buffer = Array("row,time,key,amount\n".utf8)
    var key: UInt32 = 1
    var clock = SteadyClock()
    var time: [UInt8] = []
    for row in 0..<keys + laterRows {
      // A full-period generator: the same file every time.
      key = key &* 1_664_525 &+ 1_013_904_223
      let number = row < keys ? row : Int((UInt64(key) * UInt64(keys)) >> 32)
      if row == 0 || row >= keys {
        time.removeAll(keepingCapacity: true)
        clock.appendNext(to: &time)
      }
      buffer += Array("\(row),".utf8)
      buffer += time
      buffer += Array(",\(number),\(row % 500).\(10 + row % 90)\n".utf8)
      if buffer.count > Self.piece {
        try file.write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
      }
    }
    try file.write(contentsOf: buffer)
    try file.close()
  }
}
