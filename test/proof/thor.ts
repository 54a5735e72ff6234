/** THOR against SGD at the best of five learning rates: being written. */
