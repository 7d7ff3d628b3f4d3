package io.tributary.collector.storage;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which fragments of a device in a bucket become one.
 *
 * <pre>
 * overlap    those that reach into each other, so that a query finds blocks that need no merging
 * count      the newest small ones, as far back as a fragment is not larger than all newer ones together: as in a tiered log
 *            structured merge tree, a reading is rewritten a few times however many flushes a bucket sees
 * </pre>
 *
 * A fold never holds more than {@link #CELLS_MAX} in memory; what is larger stays in several fragments, which readers merge.
 */
final class FoldPlan {
    /** Values and times, 8 bytes each: 16 MiB, and the copies that merging makes. */
    static final long CELLS_MAX = 1 << 21;

    private FoldPlan() {}

    /** Sets of at least two fragments, disjoint. */
    static List<List<Fragment>> of(List<Fragment> fragments, int foldFragments) {
        List<List<Fragment>> plan = new ArrayList<>();
        List<Fragment> single = new ArrayList<>();
        for (List<Fragment> cluster : overlapping(fragments)) {
            List<Fragment> fitting = fitting(cluster);
            if (fitting.size() > 1) {
                plan.add(fitting);
            } else {
                single.addAll(cluster);
                single.removeIf(fragment -> fragment.chunk().isLarge());
            }
        }
        single.sort(Comparator.comparingLong(fragment -> ChunkKeys.number(fragment.key())));
        List<Fragment> tier = newestTier(single);
        if (tier.size() >= foldFragments) {
            plan.add(tier);
        }
        return plan;
    }

    /** By time: those that reach into each other together. */
    static List<List<Fragment>> overlapping(List<Fragment> fragments) {
        List<Fragment> byTime = new ArrayList<>(fragments);
        byTime.sort(Comparator.comparingLong(fragment -> fragment.chunk().firstTime()));
        List<List<Fragment>> clusters = new ArrayList<>();
        long last = 0;
        for (Fragment fragment : byTime) {
            boolean joins = !clusters.isEmpty() && fragment.chunk().firstTime() <= last;
            if (!joins) {
                clusters.add(new ArrayList<>());
                last = fragment.chunk().lastTime();
            }
            clusters.get(clusters.size() - 1).add(fragment);
            last = Math.max(last, fragment.chunk().lastTime());
        }
        return clusters;
    }

    /** Whether any two fragments reach into each other. */
    static boolean overlap(List<Fragment> fragments) {
        return overlapping(fragments).size() < fragments.size();
    }

    /** The smallest of a cluster, as many as fit into memory. */
    private static List<Fragment> fitting(List<Fragment> cluster) {
        List<Fragment> bySize = new ArrayList<>(cluster);
        bySize.sort(Comparator.comparingLong(FoldPlan::cells));
        long cells = 0;
        int count = 0;
        while (count < bySize.size() && cells + cells(bySize.get(count)) <= CELLS_MAX) {
            cells += cells(bySize.get(count++));
        }
        return bySize.subList(0, count);
    }

    private static List<Fragment> newestTier(List<Fragment> oldestFirst) {
        long cells = 0;
        int from = oldestFirst.size();
        while (from > 0) {
            long next = cells(oldestFirst.get(from - 1));
            boolean newest = from == oldestFirst.size();
            if (cells + next > CELLS_MAX || next > Flusher.CHUNK_ROWS * 8L || (!newest && next > 2 * cells)) {
                break;
            }
            cells += next;
            from--;
        }
        return oldestFirst.subList(from, oldestFirst.size());
    }

    static long cells(Fragment fragment) {
        return fragment.chunk().readings() + 5L * fragment.chunk().rows();
    }
}
