#!/bin/bash
#SBATCH --job-name=anchorage
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node=1
#SBATCH --cpus-per-task=8
#SBATCH --time=01:00:00

# One task a host starts accelerate, which starts one process a GPU.
export MAIN_HOST=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
srun bash -c 'accelerate launch \
  --num_machines $SLURM_NNODES --num_processes $((SLURM_NNODES * SLURM_GPUS_ON_NODE)) \
  --machine_rank $SLURM_NODEID --main_process_ip $MAIN_HOST --main_process_port 29500 \
  --multi_gpu --mixed_precision no --dynamo_backend no train.py'
