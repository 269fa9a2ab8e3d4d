internal import Foundation
internal import Glibc

/// Where and when, without which the figures mean nothing.
struct HostFacts {
  private let bench: Workbench

  init(_ bench: Workbench) { self.bench = bench }

  func show() throws {
    let commit = ["-C", bench.repository.path, "describe", "--always", "--dirty", "--exclude=*"]
    Report.line("host")
    for (name, value) in [
      ("processor", processor),
      ("cores", "\(ProcessInfo.processInfo.activeProcessorCount)"),
      ("memory", Figures.megabytes(Double(ProcessInfo.processInfo.physicalMemory))),
      ("kernel", file("/proc/sys/kernel/osrelease")),
      // Others' work on the same cores shows in every figure.
      ("load", file("/proc/loadavg")),
      ("toolchain", try answer("swift", ["--version"])),
      ("libzmq", try answer("pkg-config", ["--modversion", "libzmq"])),
      ("date", Date.now.formatted(.iso8601)),
      ("commit", try answer("git", commit)),
    ] { Report.line("  " + name.padding(toLength: 11, withPad: " ", startingAt: 0) + value) }
  }

  private var processor: String {
    let lines = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8))?.split(separator: "\n") ?? []
    // Not every architecture has the line.
    let model = lines.first { $0.hasPrefix("model name") }?.split(separator: ":", maxSplits: 1).last
    return model?.trimmingCharacters(in: .whitespaces) ?? "unknown"
  }

  private func file(_ path: String) -> String {
    let text = try? String(contentsOfFile: path, encoding: .utf8)
    return text?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "unknown"
  }

  /// The first line that another program answers; not every host has every program.
  private func answer(_ program: String, _ arguments: [String]) throws -> String {
    let output = bench.folder.appending(path: "answer")
    let log = bench.folder.appending(path: "answer.log")
    let child = try Child("/usr/bin/env", [program] + arguments, output: .file(output), log: log)
    guard (try? child.finish()) != nil else { return "unknown" }
    return file(output.path).split(separator: "\n").first.map(String.init) ?? "unknown"
  }
}
